namespace CoEdit.Crdt;

/// <summary>Reads the structs of an update one after another, and its delete set behind them.</summary>
/// <remarks>
/// A plain value without the bytes, which come with each call: thousands of updates can be read side by side, and a copy remembers a
/// position. (Copies share the list of v2 keys, whose entries never change.)
/// </remarks>
internal struct UpdateCursor
{
    private const int SmallestSectionV1 = 3;
    private const int SmallestSectionV2 = 2;
    private const int SmallestStructV1 = 2;

    /// <summary>The struct that was read last.</summary>
    public StructFields Current;

    private UpdateColumns _columns;
    private UpdateFormat _format;
    private int _position;
    private ulong _sectionsLeft;
    private ulong _structsLeft;
    private ulong _client;
    private uint _clock;
    private ulong _lastClient;
    private bool _hasLastClient;
    private long _structsAllowed;
    private bool _endAfterSection;

    /// <summary>False once all structs have been read.</summary>
    public bool HasCurrent { get; private set; }

    /// <summary>
    /// False when two sections were not in the order of descending clients. Yjs never writes such an update, and its own doc-less functions
    /// lose structs of it.
    /// </summary>
    public bool IsRegular { get; private set; }

    /// <summary>True between two sections: the next struct begins a new one.</summary>
    public readonly bool IsAtSectionEnd => _structsLeft == 0;

    /// <summary>Stands in front of the first struct.</summary>
    /// <param name="update">The update.</param>
    /// <param name="format">Its format.</param>
    /// <param name="options">Limits.</param>
    public static UpdateCursor Open(ReadOnlySpan<byte> update, UpdateFormat format, UpdateReadOptions options)
    {
        UpdateCursor cursor = default;
        cursor._format = format;
        cursor.IsRegular = true;
        int smallest = SmallestSectionV1;
        if (format == UpdateFormat.V2)
        {
            cursor._columns = UpdateColumns.Open(update);
            cursor._position = cursor._columns.RestPosition;
            cursor._structsAllowed = (long)update.Length + options.MaxRepeatedStructs;
            smallest = SmallestSectionV2;
        }

        Lib0Reader reader = cursor.Rest(update);
        cursor._sectionsLeft = reader.ReadVarUInt();
        if (cursor._sectionsLeft > (ulong)(reader.Remaining / smallest))
            throw new MalformedUpdateException("An update announces more clients than its bytes can hold.");
        cursor._position = reader.Position;
        return cursor;
    }

    /// <summary>Reads the next struct into <see cref="Current"/>. False when there is none.</summary>
    public bool MoveNext(ReadOnlySpan<byte> update)
    {
        while (_structsLeft == 0)
        {
            if (_sectionsLeft == 0)
            {
                HasCurrent = false;
                return false;
            }

            ReadSection(update);
        }

        _structsLeft--;
        Current.Client = _client;
        Current.Clock = _clock;
        if (_format == UpdateFormat.V1)
        {
            UpdateDecoderV1 decoder = new(update, _position);
            StructFieldsReader.Read(ref decoder, ref Current);
            _position = decoder.Rest.Position;
        }
        else
        {
            if (--_structsAllowed < 0)
                throw new MalformedUpdateException("An update v2 repeats too many structs.");
            _columns.RestPosition = _position;
            UpdateDecoderV2 decoder = new(update, ref _columns);
            StructFieldsReader.Read(ref decoder, ref Current);
            _position = decoder.Rest.Position;
        }

        _clock += Current.Length;
        if (_clock > int.MaxValue)
            throw new MalformedUpdateException("A struct ends above the largest clock.");
        HasCurrent = true;
        return true;
    }

    /// <summary>Reads the next struct that is not a Skip.</summary>
    public bool MoveNextWithoutSkips(ReadOnlySpan<byte> update)
    {
        while (MoveNext(update))
        {
            if (Current.Kind != StructKind.Skip)
                return true;
        }

        return false;
    }

    /// <summary>Leaves out everything behind the section that begins with the next struct.</summary>
    /// <remarks>To be used between two sections. The delete set is out of reach then.</remarks>
    public void EndAfterNextSection() => _endAfterSection = true;

    /// <summary>Adds the delete set, which begins behind the last struct, in the order in which it is written.</summary>
    public readonly void ReadDeleteSet(ReadOnlySpan<byte> update, List<ClockRange> ranges)
    {
        Lib0Reader reader = Rest(update);
        DeleteSetCodec.Read(ref reader, _format, ranges);
    }

    private void ReadSection(ReadOnlySpan<byte> update)
    {
        _sectionsLeft--;
        Lib0Reader reader = Rest(update);
        _structsLeft = reader.ReadVarUInt();
        _client = _format == UpdateFormat.V1 ? reader.ReadVarUInt() : _columns.Clients.Read(update);
        _clock = reader.ReadVarUInt31();
        _position = reader.Position;
        if (_format == UpdateFormat.V1 && _structsLeft > (ulong)(reader.Remaining / SmallestStructV1))
            throw new MalformedUpdateException("An update announces more structs than its bytes can hold.");
        if (_structsLeft == 0)
            return;
        if (_endAfterSection)
            _sectionsLeft = 0;
        if (_hasLastClient && _client >= _lastClient)
            IsRegular = false;
        _lastClient = _client;
        _hasLastClient = true;
    }

    private readonly Lib0Reader Rest(ReadOnlySpan<byte> update)
    {
        Lib0Reader reader = new(update);
        reader.Skip(_position);
        return reader;
    }
}
