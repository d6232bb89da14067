namespace CoEdit.Crdt;

/// <summary>Structs that wait for others, as updates, and the clocks of other clients that may set them free.</summary>
/// <remarks>
/// Yjs merges what comes into what waits, each time. So does this while it is little; a long queue (a history delivered newest first) is merged
/// when it has doubled, which keeps the whole near linear. The updates are v1 until one comes as v2, which can hold more.
/// </remarks>
internal sealed class PendingStructs
{
    private const int MergeAtOnce = 16 * 1024;

    private readonly Dictionary<ulong, long> _missing = new(ClientComparer.Instance);
    private readonly List<ReadOnlyMemory<byte>> _parts = [];
    private long _bytes;
    private int _structs;
    private int _added;

    public PendingStructs(byte[] update, UpdateFormat format, int structs, Dictionary<ulong, long> missing)
    {
        _parts.Add(update);
        _bytes = update.Length;
        _structs = structs;
        Format = format;
        Lower(missing);
    }

    /// <summary>For reading what waits: it has been under the limits when it came.</summary>
    public static UpdateReadOptions ReadOptions { get; } = new() { MaxRepeatedStructs = int.MaxValue };

    /// <summary>The format of <see cref="Update"/>.</summary>
    public UpdateFormat Format { get; private set; }

    /// <summary>Everything that waits, as one update.</summary>
    public byte[] Update
    {
        get
        {
            Merge();
            return _parts[0].ToArray();
        }
    }

    /// <summary>Bytes of everything that waits; what came twice may be counted twice for a while.</summary>
    public long Bytes => _bytes;

    /// <summary>Structs that wait, counted like <see cref="Bytes"/>.</summary>
    public int Structs => _structs;

    /// <summary>Everything that waits, as an update v1.</summary>
    /// <exception cref="InvalidOperationException">It has no form in v1.</exception>
    public byte[] ToV1()
    {
        if (Format == UpdateFormat.V1)
            return Update;
        try
        {
            return YUpdate.ConvertV2ToV1(Update, ReadOptions);
        }
        catch (MalformedUpdateException exception)
        {
            throw new InvalidOperationException("What waits has no form in an update v1; use v2.", exception);
        }
    }

    /// <summary>Everything that waits, as an update v2.</summary>
    public byte[] ToV2() => Format == UpdateFormat.V2 ? Update : YUpdate.ConvertV1ToV2(Update);

    public void Add(byte[] update, UpdateFormat format, int structs, Dictionary<ulong, long> missing)
    {
        if (format == UpdateFormat.V1 && Format == UpdateFormat.V2)
            update = YUpdate.ConvertV1ToV2(update);
        else if (format == UpdateFormat.V2 && Format == UpdateFormat.V1)
            SwitchToV2();
        _parts.Add(update);
        _bytes += update.Length;
        _structs += structs;
        _added += update.Length;
        if (_parts[0].Length + _added <= MergeAtOnce || _added > _parts[0].Length)
            Merge();
        Lower(missing);
    }

    /// <summary>True when a client is waited for and has come past the clock waited for.</summary>
    public bool IsSetFreeBy(ClientStructs structs) => _missing.TryGetValue(structs.Id, out long clock) && clock < structs.State;

    private void SwitchToV2()
    {
        byte[] converted = ToV2();
        _parts.Clear();
        _parts.Add(converted);
        _added = 0;
        Format = UpdateFormat.V2;
    }

    private void Merge()
    {
        if (_parts.Count == 1)
            return;
        byte[] merged = Format == UpdateFormat.V1 ? YUpdate.MergeUpdates(_parts) : YUpdate.MergeUpdatesV2(_parts, ReadOptions);
        _parts.Clear();
        _parts.Add(merged);
        _added = 0;
        _bytes = merged.Length;
        _structs = 0;
        for (UpdateCursor cursor = UpdateCursor.Open(merged, Format, ReadOptions); cursor.MoveNextWithoutSkips(merged);)
            _structs++;
    }

    private void Lower(Dictionary<ulong, long> missing)
    {
        foreach ((ulong client, long clock) in missing)
        {
            if (!_missing.TryGetValue(client, out long known) || clock < known)
                _missing[client] = clock;
        }
    }
}
