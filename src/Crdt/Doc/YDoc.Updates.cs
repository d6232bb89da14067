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
        if (!TryApplyKeystroke(update))
            ApplyAs(UpdateFormat.V1, update, origin);
    }

    /// <summary>Applies an update v2; see <see cref="ApplyUpdate"/>.</summary>
    /// <remarks>
    /// Values of embeds and formats stay what they are, even those that JSON has no form for (64-bit integers, bare undefined). A document with
    /// such a value has no update v1 any more.
    /// </remarks>
    /// <exception cref="MalformedUpdateException">
    /// The bytes are not an update, or repeat more structs than <see cref="UpdateReadOptions.MaxRepeatedStructs"/> allows by default; the
    /// document is unchanged.
    /// </exception>
    public void ApplyUpdateV2(ReadOnlySpan<byte> update, object? origin = null) => ApplyAs(UpdateFormat.V2, update, origin);

    private void ApplyAs(UpdateFormat format, ReadOnlySpan<byte> update, object? origin)
    {
        DecodedUpdate decoded = Decode(update, format, UpdateReadOptions.Default);
        Transaction transaction = Begin(origin, local: false, out bool outermost);
        try
        {
            // An update inside a local transaction makes the whole of it a remote one.
            transaction.IsLocal = false;
            PendingStructs? retry = Apply(transaction, decoded, update);
            while (retry is not null)
            {
                byte[] again = retry.Update;
                decoded = Decode(again, retry.Format, PendingStructs.ReadOptions);
                retry = Apply(transaction, decoded, again);
            }
        }
        finally
        {
            End(transaction, outermost);
        }
    }

    /// <summary>The next expected clock of every client.</summary>
    public StateVector GetStateVector() => Store.GetStateVector();

    /// <summary>The encoded state vector, clients descending.</summary>
    public byte[] EncodeStateVector() => Store.GetStateVector().ToArray();

    private DecodedUpdate Decode(ReadOnlySpan<byte> update, UpdateFormat format, UpdateReadOptions options)
    {
        int clients = Store.ClientCount;
        DecodedUpdate decoded = DecodedUpdate.Rent();
        try
        {
            if (format == UpdateFormat.V1)
                decoded.Read(update, Store);
            else
                decoded.ReadV2(update, Store, options);
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
    private PendingStructs? Apply(Transaction transaction, DecodedUpdate decoded, ReadOnlySpan<byte> update)
    {
        RestStructs rest = _rest ?? new RestStructs();
        _rest = null;
        Store.ApplyStructs(transaction, decoded, decoded.SourceOf(update), rest);
        bool retry = _pending is not null && _pending.CanRetry(Store);
        if (!rest.IsEmpty)
        {
            byte[] parked = rest.Encode(Store, decoded, update);
            if (_pending is null)
                _pending = new PendingStructs(parked, decoded.Format, rest.Missing);
            else
                _pending.Add(parked, decoded.Format, rest.Missing);
        }

        rest.Clear();
        _rest = rest;
        ApplyDeletes(transaction, decoded.Deletes.Items);
        DecodedUpdate.Return(decoded);
        if (!retry)
            return null;
        PendingStructs again = _pending!;
        _pending = null;
        return again;
    }

    private void ApplyDeletes(Transaction transaction, ReadOnlySpan<ClockRun> ranges)
    {
        ScratchList<ClockRun> unknown = default;
        Store.ApplyDeletes(transaction, ranges, ref unknown);
        if (_pendingDeletes.Count > 0)
        {
            ScratchList<ClockRun> waiting = _pendingDeletes;
            _pendingDeletes = default;
            Store.ApplyDeletes(transaction, waiting.Items, ref unknown);
        }

        _pendingDeletes = unknown;
        Transaction.Normalize(ref _pendingDeletes);
    }

    /// <summary>The document, or what a peer with this state vector lacks, as an update v1. Deletions are always complete.</summary>
    /// <exception cref="MalformedUpdateException">The bytes are not a state vector.</exception>
    /// <exception cref="InvalidOperationException">An embed or a format that came in an update v2 holds what JSON has no form for.</exception>
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
            parts.Add(from is null ? _pending.ToV1() : YUpdate.DiffUpdate(_pending.ToV1(), stateVector));
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
            parts.Add(from is null ? _pending.ToV2() : YUpdate.DiffUpdateV2(_pending.ToV2(), stateVector, PendingStructs.ReadOptions));
        YUpdate.MergeUpdatesV2(parts, target, PendingStructs.ReadOptions);
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
