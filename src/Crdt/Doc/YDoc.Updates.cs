using System.Buffers;

namespace CoEdit.Crdt;

/// <summary>Updates in and out, and what waits for its dependencies.</summary>
public sealed partial class YDoc
{
    private PendingStructs? _pending;
    private readonly WaitingDeletes _pendingDeletes = new();
    private readonly List<int> _formerClients = [];
    private readonly NewRoots _roots;
    private RestStructs? _rest;

    /// <summary>Applies an update v1 as one transaction. What refers to unknown structs waits inside the document until they arrive.</summary>
    /// <exception cref="MalformedUpdateException">The bytes are not an update; the document is unchanged.</exception>
    /// <exception cref="UpdateLimitException">The update would break a limit of <see cref="YDocOptions"/>; the document is unchanged.</exception>
    public void ApplyUpdate(ReadOnlySpan<byte> update, object? origin = null)
    {
        if (TryApplyKeystroke(update))
            return;
        DecodedUpdate decoded = Decode(update, _roots);
        Transaction transaction = Begin(origin, local: false, out bool outermost);
        try
        {
            // An update inside a local transaction makes the whole of it a remote one.
            transaction.IsLocal = false;
            byte[]? retry = Apply(transaction, decoded, update);
            while (retry is not null)
            {
                decoded = Decode(retry, null);
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
    /// The bytes are not an update, an embed or a format in it holds what JSON has no form for, or it repeats more structs than
    /// <see cref="YDocOptions.MaxRepeatedStructs"/>; the document is unchanged.
    /// </exception>
    /// <exception cref="UpdateLimitException">The update would break a limit of <see cref="YDocOptions"/>; the document is unchanged.</exception>
    public void ApplyUpdateV2(ReadOnlySpan<byte> update, object? origin = null) =>
        ApplyUpdate(YUpdate.ConvertV2ToV1(update, new UpdateReadOptions { MaxRepeatedStructs = _options.MaxRepeatedStructs }), origin);

    /// <summary>The next expected clock of every client.</summary>
    public StateVector GetStateVector() => Store.GetStateVector();

    /// <summary>The encoded state vector, clients descending.</summary>
    public byte[] EncodeStateVector() => Store.GetStateVector().ToArray();

    // Roots are null for what waited: it was admitted when it came.
    private DecodedUpdate Decode(ReadOnlySpan<byte> update, NewRoots? roots)
    {
        int clients = Store.ClientCount;
        DecodedUpdate decoded = DecodedUpdate.Rent();
        try
        {
            decoded.Read(update, Store, roots);
            if (roots is not null)
                CheckPending(decoded, update.Length);
            return decoded;
        }
        catch
        {
            roots?.Refuse();
            Store.TruncateClients(clients);
            DecodedUpdate.Return(decoded);
            throw;
        }
    }

    private void CheckPending(DecodedUpdate decoded, int length)
    {
        long bytes = _pending?.Bytes ?? 0;
        long structs = _pending?.Structs ?? 0;
        long deletes = _pendingDeletes.Count;
        if (!IsTooMuch(bytes + length, structs + decoded.Structs.Count, deletes + decoded.Deletes.Count))
            return;
        PendingForecast forecast = PendingForecast.Of(Store, decoded);
        if (forecast.Structs + forecast.Deletes > 0 && IsTooMuch(bytes + forecast.Bytes, structs + forecast.Structs, deletes + forecast.Deletes))
            throw new UpdateLimitException(UpdateLimit.Pending, "Too much waits for structs that have not arrived.");
    }

    private bool IsTooMuch(long bytes, long structs, long deletes) =>
        bytes > _options.MaxPendingBytes || structs > _options.MaxPendingStructs || deletes > _options.MaxPendingStructs;

    // Returns what was parked before and can be tried again now.
    private byte[]? Apply(Transaction transaction, DecodedUpdate decoded, ReadOnlySpan<byte> update)
    {
        RestStructs rest = _rest ?? new RestStructs();
        _rest = null;
        int known = Math.Max(0, transaction.Deletes.Count - 1);
        Store.ApplyStructs(transaction, decoded, update, rest);
        bool retry = _pending is not null && CanRetry(_pending, decoded);
        if (!rest.IsEmpty)
        {
            byte[] parked = rest.Encode(Store, decoded, update);
            if (_pending is null)
                _pending = new PendingStructs(parked, rest.StructCount, rest.Missing);
            else
                _pending.Add(parked, rest.StructCount, rest.Missing);
        }

        rest.Clear();
        _rest = rest;
        Store.ApplyDeletes(transaction, decoded.Deletes.Items, known, _pendingDeletes);
        if (_pendingDeletes.Count > 0)
            RetryDeletes(transaction, decoded);
        DecodedUpdate.Return(decoded);
        _roots.Accept(Store, _pending is not null);
        if (!retry)
            return null;
        byte[] again = _pending!.Update;
        _pending = null;
        return again;
    }

    // What waits can only be set free by the clients that the update is about and by those that wrote here; all others stand where they stood.
    private bool CanRetry(PendingStructs pending, DecodedUpdate decoded)
    {
        foreach (ref readonly DecodedUpdate.Section section in decoded.Sections.Items)
        {
            if (pending.IsSetFreeBy(Store.Client(section.Client)))
                return true;
        }

        return (Store.FindClient(_clientId) is { } own && pending.IsSetFreeBy(own))
            || _formerClients.Exists(former => pending.IsSetFreeBy(Store.Client(former)));
    }

    private void RetryDeletes(Transaction transaction, DecodedUpdate decoded)
    {
        foreach (ref readonly DecodedUpdate.Section section in decoded.Sections.Items)
            Store.ApplyWaitingDeletes(transaction, Store.Client(section.Client), _pendingDeletes);
        if (Store.FindClient(_clientId) is { } own)
            Store.ApplyWaitingDeletes(transaction, own, _pendingDeletes);
        foreach (int former in _formerClients)
            Store.ApplyWaitingDeletes(transaction, Store.Client(former), _pendingDeletes);
    }

    // Something may wait for units that the old client has written here since the last update.
    private void ChangeClient(ulong id)
    {
        if (HasPending && _store?.FindClient(_clientId) is { } old && !_formerClients.Contains(old.Index))
            _formerClients.Add(old.Index);
        _clientId = id;
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
        Store.WriteRuns(ref writer, _pendingDeletes.ToRuns().Items);
        writer.Flush();
        return buffer.Written.ToArray();
    }
}
