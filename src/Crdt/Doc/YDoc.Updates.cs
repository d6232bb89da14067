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
    private UpdateReadOptions? _readOptions;

    private UpdateReadOptions ReadOptions => _readOptions ??= new UpdateReadOptions { MaxRepeatedStructs = _options.MaxRepeatedStructs };

    /// <summary>Applies an update v1 as one transaction. What refers to unknown structs waits inside the document until they arrive.</summary>
    /// <exception cref="MalformedUpdateException">The bytes are not an update; the document is unchanged.</exception>
    /// <exception cref="UpdateLimitException">The update would break a limit of <see cref="YDocOptions"/>; the document is unchanged.</exception>
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
    /// The bytes are not an update, or repeat more structs than <see cref="YDocOptions.MaxRepeatedStructs"/> allows; the
    /// document is unchanged.
    /// </exception>
    /// <exception cref="UpdateLimitException">The update would break a limit of <see cref="YDocOptions"/>; the document is unchanged.</exception>
    public void ApplyUpdateV2(ReadOnlySpan<byte> update, object? origin = null) => ApplyAs(UpdateFormat.V2, update, origin);

    private void ApplyAs(UpdateFormat format, ReadOnlySpan<byte> update, object? origin)
    {
        DecodedUpdate decoded = Decode(update, format, ReadOptions, _roots);
        Transaction transaction = Begin(origin, local: false, out bool outermost);
        try
        {
            // An update inside a local transaction makes the whole of it a remote one.
            transaction.IsLocal = false;
            Apply(transaction, decoded, update);
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

    // Roots are null for what waited: it was admitted when it came.
    private DecodedUpdate Decode(ReadOnlySpan<byte> update, UpdateFormat format, UpdateReadOptions options, NewRoots? roots)
    {
        int clients = Store.ClientCount;
        DecodedUpdate decoded = DecodedUpdate.Rent();
        try
        {
            if (format == UpdateFormat.V1)
                decoded.Read(update, Store, roots);
            else
                decoded.ReadV2(update, Store, options, roots);
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

    private void Apply(Transaction transaction, DecodedUpdate decoded, ReadOnlySpan<byte> update)
    {
        int known = Math.Max(0, transaction.Deletes.Count - 1);
        bool retry = ApplyStructs(transaction, decoded, update);
        Store.ApplyDeletes(transaction, decoded.Deletes.Items, known, _pendingDeletes);
        if (_pendingDeletes.Count > 0)
            RetryDeletes(transaction, decoded);
        DecodedUpdate.Return(decoded);
        if (retry)
            Release(transaction, _pending!);
        _roots.Accept(Store, _pending is not null);
    }

    // Returns whether what waited before is to be tried again.
    private bool ApplyStructs(Transaction transaction, DecodedUpdate decoded, ReadOnlySpan<byte> update)
    {
        RestStructs rest = _rest ?? new RestStructs();
        _rest = null;
        Store.ApplyStructs(transaction, decoded, decoded.SourceOf(update), rest);
        bool retry = _pending is not null && !decoded.IsParked && Advance(_pending, decoded);
        if (!rest.IsEmpty)
            rest.MoveTo(_pending ??= new PendingStructs(Store), decoded, update);
        rest.Clear();
        _rest = rest;
        return retry;
    }

    // What waits can only be set free by the clients that the update is about and by those that wrote here; all others stand where they stood.
    private bool Advance(PendingStructs pending, DecodedUpdate decoded)
    {
        bool retry = false;
        foreach (ref readonly DecodedUpdate.Section section in decoded.Sections.Items)
            retry |= pending.Advance(section.Client);
        if (Store.FindClient(_clientId) is { } own)
            retry |= pending.Advance(own.Index);
        foreach (int former in _formerClients)
            retry |= pending.Advance(former);
        return retry;
    }

    private void Release(Transaction transaction, PendingStructs pending)
    {
        List<int>? released = null;
        while (pending.TryTakeDue(out ParkedClient client))
        {
            while (pending.TryTakePart(client, out ParkedPart part))
            {
                DecodedUpdate decoded = DecodedUpdate.Rent();
                decoded.ReadParked(part, Store, client.Client);
                ApplyStructs(transaction, decoded, part.Bytes);
                bool waits = decoded.Sections[0].Tail > 0;
                DecodedUpdate.Return(decoded);
                if (waits)
                    break;
            }

            pending.Released(client);
            if (_pendingDeletes.Count > 0)
                (released ??= []).Add(client.Client);
        }

        foreach (int client in released ?? [])
            Store.ApplyWaitingDeletes(transaction, Store.Client(client), _pendingDeletes);
        if (pending.IsEmpty)
            _pending = null;
        else
            pending.NoteAllMissing();
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
    /// <exception cref="InvalidOperationException">An embed or a format that came in an update v2 holds what JSON has no form for.</exception>
    public byte[] EncodeStateAsUpdate(ReadOnlySpan<byte> stateVector = default)
    {
        if (!HasPending)
            return Store.EncodeState(stateVector.IsEmpty ? null : StateVector.Decode(stateVector));
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
        Store.WriteRuns(ref writer, _pendingDeletes.ToRuns().Items);
        writer.Flush();
        return buffer.Written.ToArray();
    }
}
