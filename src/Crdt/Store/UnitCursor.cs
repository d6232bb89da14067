namespace CoEdit.Crdt;

/// <summary>A place in consecutive structs of one client, down to the unit. Moves forward only, so a whole walk is linear.</summary>
/// <remarks>
/// A copy is a bookmark. A struct is read when somebody looks at it (<see cref="Load"/>), and not at all when it is jumped over.
/// </remarks>
internal ref struct UnitCursor
{
    private readonly ReadOnlySpan<byte> _bytes;
    private StructView _view;
    private int _next;
    private int _content;
    private uint _first;
    private bool _isLoaded;
    private bool _isInsidePair;

    /// <summary>Stands in front of the struct at <paramref name="offset"/>.</summary>
    /// <param name="bytes">Structs that were validated before, up to the last one's end.</param>
    /// <param name="offset">Where a struct starts.</param>
    /// <param name="clock">Its first unit.</param>
    public UnitCursor(ReadOnlySpan<byte> bytes, int offset, uint clock)
    {
        _bytes = bytes;
        _next = offset;
        Clock = clock;
    }

    /// <summary>The unit that comes next.</summary>
    public uint Clock { get; private set; }

    /// <summary>True in front of a struct's first unit.</summary>
    public readonly bool IsAtStruct => !_isLoaded || Clock == _first;

    /// <summary>Where the struct of the current unit starts.</summary>
    public readonly int Offset => _isLoaded ? _view.Start : _next;

    /// <summary>How far the cursor has come in the bytes, for whoever counts the work.</summary>
    public readonly int Position => _isLoaded ? _content : _next;

    /// <summary>The bytes from here on; only for a cursor that <see cref="IsAtStruct"/>.</summary>
    public readonly ReadOnlySpan<byte> Rest => _bytes[Offset..];

    // What follows is about the loaded struct.

    /// <summary>The unit behind the struct.</summary>
    public readonly uint End => _first + _view.Length;

    /// <summary>The offset behind the struct.</summary>
    public readonly int EndOffset => _view.End;

    public readonly StructKind Kind => _view.Kind;

    /// <summary>True when the units stand for nothing that could be compared.</summary>
    public readonly bool IsDead => _view.Kind <= StructKind.Deleted;

    /// <summary>True when one byte is one unit.</summary>
    public readonly bool IsAsciiText => _view.End - _view.Payload == _view.Length;

    /// <summary>Text or values from the current unit on; for the second half of a pair, from the pair on.</summary>
    public readonly ReadOnlySpan<byte> Units => _bytes[_content.._view.End];

    /// <summary>True when the current unit is the second half of the pair at the start of <see cref="Units"/>.</summary>
    public readonly bool IsInsidePair => _isInsidePair;

    /// <summary>The content with its length or count in front.</summary>
    public readonly ReadOnlySpan<byte> Content => _bytes[_view.Content.._view.End];

    /// <summary>True when the parent of the current unit is on the wire.</summary>
    public readonly bool HasParent => Clock == _first && _view.HasParent;

    public readonly bool HasRightOrigin => _view.HasRightOrigin;

    public readonly Id RightOrigin => new(_view.RightClient, _view.RightClock);

    public readonly bool ParentIsRoot => _view.ParentIsRoot;

    public readonly Id Parent => new(_view.ParentClient, _view.ParentClock);

    public readonly ReadOnlySpan<byte> RootName => _bytes.Slice(_view.RootName, _view.RootNameLength);

    public readonly bool HasKey => _view.Key >= 0;

    public readonly ReadOnlySpan<byte> Key => _bytes.Slice(_view.Key, _view.KeyLength);

    /// <summary>What the current unit was inserted behind: the unit in front of it, unless it is the first of its struct.</summary>
    public readonly Id? OriginOf(ulong client) =>
        Clock > _first ? new Id(client, Clock - 1) : _view.HasOrigin ? new Id(_view.OriginClient, _view.OriginClock) : null;

    /// <summary>Reads the struct of the current unit.</summary>
    public void Load()
    {
        if (_isLoaded)
            return;
        Lib0Reader reader = new(_bytes);
        reader.Skip(_next);
        StructReader.Read(ref reader, ref _view);
        _first = Clock;
        _next = _view.End;
        _content = _view.Kind is StructKind.String or StructKind.Any or StructKind.Json ? _view.Payload : _view.Content;
        _isInsidePair = false;
        _isLoaded = true;
    }

    /// <summary>Moves within the loaded struct, or to its end.</summary>
    public void Advance(uint units)
    {
        Clock += units;
        if (Clock == End)
        {
            _isLoaded = false;
            return;
        }

        switch (_view.Kind)
        {
            case StructKind.String when IsAsciiText:
                _content += (int)units;
                break;
            case StructKind.String:
                AdvanceText((int)units);
                break;
            case StructKind.Any:
                Lib0Reader values = new(Units);
                AnyValue.Skip(ref values, units);
                _content += values.Position;
                break;
            case StructKind.Json:
                Lib0Reader elements = new(Units);
                for (; units > 0; units--)
                    elements.ReadVarBytes();
                _content += elements.Position;
                break;
        }
    }

    /// <summary>Moves to a unit further on.</summary>
    public void AdvanceTo(uint clock)
    {
        while (Clock < clock)
        {
            Load();
            Advance(Math.Min(End, clock) - Clock);
        }
    }

    /// <summary>Moves over structs that somebody else has read: the cursor is at a struct and so many bytes further is one too.</summary>
    public void Jump(int bytes, uint clock)
    {
        _next = Offset + bytes;
        _isLoaded = false;
        Clock = clock;
    }

    private void AdvanceText(int units)
    {
        if (_isInsidePair)
        {
            _content += Utf16Walk.PairBytes;
            units--;
        }

        _content += Utf16Walk.OffsetOf(_bytes[_content.._view.End], units, out _isInsidePair);
    }
}
