using System.Buffers;

namespace CoEdit.Crdt;

/// <summary>Updates in and out, and what waits for its dependencies.</summary>
public sealed partial class YDoc
{
    private PendingStructs? _pending;
    private ScratchList<ClockRun> _pendingDeletes;
    private RestStructs? _rest;

    /// <summary>Applies an update v1 as one transaction. What refers to unknown structs waits inside the document until they arrive.</summary>
    /// <exception cref="MalformedUpdateException">The bytes are not an update; the document is unchanged.</exception>
    public void ApplyUpdate(ReadOnlySpan<byte> update, object? origin = null)
    {
        if (TryApplyKeystroke(update))
            return;
        DecodedUpdate decoded = Decode(update);
        Transaction transaction = Begin(origin, local: false, out bool outermost);
        try
        {
            // An update inside a local transaction makes the whole of it a remote one.
            transaction.IsLocal = false;
            byte[]? retry = Apply(transaction, decoded, update);
            while (retry is not null)
            {
                decoded = Decode(retry);
                retry = Apply(transaction, decoded, retry);
            }
        }
        finally
        {
            End(transaction, outermost);
        }
    }

    /// <summary>Applies an update v2; see <see cref="ApplyUpdate"/>.</summary>
    /// <exception cref="MalformedUpdateException">
    /// The bytes are not an update, or an embed or a format in it holds what JSON has no form for; the document is unchanged.
    /// </exception>
    public void ApplyUpdateV2(ReadOnlySpan<byte> update, object? origin = null) => ApplyUpdate(YUpdate.ConvertV2ToV1(update), origin);

    /// <summary>The next expected clock of every client.</summary>
    public StateVector GetStateVector() => Store.GetStateVector();

    /// <summary>The encoded state vector, clients descending.</summary>
    public byte[] EncodeStateVector() => Store.GetStateVector().ToArray();

    private DecodedUpdate Decode(ReadOnlySpan<byte> update)
    {
        int clients = Store.ClientCount;
        DecodedUpdate decoded = DecodedUpdate.Rent();
        try
        {
            decoded.Read(update, Store);
            return decoded;
        }
        catch
        {
            Store.TruncateClients(clients);
            DecodedUpdate.Return(decoded);
            throw;
        }
    }

    // Returns what was parked before and can be tried again now.
    private byte[]? Apply(Transaction transaction, DecodedUpdate decoded, ReadOnlySpan<byte> update)
    {
        RestStructs rest = _rest ?? new RestStructs();
        _rest = null;
        int known = Math.Max(0, transaction.Deletes.Count - 1);
        Store.ApplyStructs(transaction, decoded, update, rest);
        bool retry = _pending is not null && _pending.CanRetry(Store);
        if (!rest.IsEmpty)
        {
            byte[] parked = rest.Encode(Store, decoded, update);
            if (_pending is null)
                _pending = new PendingStructs(parked, rest.Missing);
            else
                _pending.Add(parked, rest.Missing);
        }

        rest.Clear();
        _rest = rest;
        ApplyDeletes(transaction, decoded.Deletes.Items, known);
        DecodedUpdate.Return(decoded);
        if (!retry)
            return null;
        byte[] again = _pending!.Update;
        _pending = null;
        return again;
    }

    private void ApplyDeletes(Transaction transaction, ReadOnlySpan<ClockRun> ranges, int known)
    {
        ScratchList<ClockRun> unknown = default;
        Store.ApplyDeletes(transaction, ranges, known, ref unknown);
        if (_pendingDeletes.Count > 0)
        {
            ScratchList<ClockRun> waiting = _pendingDeletes;
            _pendingDeletes = default;
            Store.ApplyDeletes(transaction, waiting.Items, transaction.Deletes.Count, ref unknown);
        }

        _pendingDeletes = unknown;
        Transaction.Normalize(ref _pendingDeletes);
    }

    /// <summary>The document, or what a peer with this state vector lacks, as an update v1. Deletions are always complete.</summary>
    /// <exception cref="MalformedUpdateException">The bytes are not a state vector.</exception>
    public byte[] EncodeStateAsUpdate(ReadOnlySpan<byte> stateVector = default)
    {
        ByteBuffer buffer = new();
        EncodeStateAsUpdate(buffer, stateVector);
        return buffer.Written.ToArray();
    }

    /// <summary>Writes what <see cref="EncodeStateAsUpdate(ReadOnlySpan{byte})"/> returns.</summary>
    public void EncodeStateAsUpdate(IBufferWriter<byte> target, ReadOnlySpan<byte> stateVector = default)
    {
        ArgumentNullException.ThrowIfNull(target);
        StateVector? from = stateVector.IsEmpty ? null : StateVector.Decode(stateVector);
        if (!HasPending)
        {
            Store.EncodeState(target, from);
            return;
        }

        // What waits belongs to the state: a peer may have what it waits for.
        ByteBuffer own = new();
        Store.EncodeState(own, from);
        List<ReadOnlyMemory<byte>> parts = [own.WrittenMemory];
        if (_pendingDeletes.Count > 0)
            parts.Add(EncodePendingDeletes());
        if (_pending is not null)
            parts.Add(from is null ? _pending.Update : YUpdate.DiffUpdate(_pending.Update, stateVector));
        YUpdate.MergeUpdates(parts, target);
    }

    /// <summary>The document, or what a peer with this state vector lacks, as an update v2. Deletions are always complete.</summary>
    /// <exception cref="MalformedUpdateException">The bytes are not a state vector.</exception>
    public byte[] EncodeStateAsUpdateV2(ReadOnlySpan<byte> stateVector = default)
    {
        ByteBuffer buffer = new();
        EncodeStateAsUpdateV2(buffer, stateVector);
        return buffer.Written.ToArray();
    }

    /// <summary>Writes what <see cref="EncodeStateAsUpdateV2(ReadOnlySpan{byte})"/> returns.</summary>
    public void EncodeStateAsUpdateV2(IBufferWriter<byte> target, ReadOnlySpan<byte> stateVector = default)
    {
        ArgumentNullException.ThrowIfNull(target);
        StateVector? from = stateVector.IsEmpty ? null : StateVector.Decode(stateVector);
        if (!HasPending)
        {
            Store.EncodeStateV2(target, from);
            return;
        }

        ByteBuffer own = new();
        Store.EncodeStateV2(own, from);
        List<ReadOnlyMemory<byte>> parts = [own.WrittenMemory];
        if (_pendingDeletes.Count > 0)
            parts.Add(YUpdate.ConvertV1ToV2(EncodePendingDeletes()));
        if (_pending is not null)
            parts.Add(YUpdate.ConvertV1ToV2(from is null ? _pending.Update : YUpdate.DiffUpdate(_pending.Update, stateVector)));
        YUpdate.MergeUpdatesV2(parts, target);
    }

    private byte[] EncodePendingDeletes()
    {
        ByteBuffer buffer = new();
        WireWriter writer = new(buffer);
        writer.PutVarUInt(0);
        Store.WriteRuns(ref writer, _pendingDeletes.Items);
        writer.Flush();
        return buffer.Written.ToArray();
    }
}
