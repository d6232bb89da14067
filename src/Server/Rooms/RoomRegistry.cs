using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace CoEdit.Server;

/// <summary>Finds the one room of a name, opening it when there is none.</summary>
/// <remarks>Thread-safe. A room is inserted before it loads and removed before it ends, so at no time are there two of one name.</remarks>
internal sealed class RoomRegistry
{
    private const int FailureMemoryMs = 1_000;

    private readonly RoomContext _context;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Room> _rooms = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FailedLoad> _failed = new(StringComparer.Ordinal);
    private bool _stopping;

    public RoomRegistry(RoomContext context)
    {
        _context = context;
        context.Registry = this;
    }

    /// <summary>Documents whose last load failed, with the reason; for the health endpoint.</summary>
    public IReadOnlyDictionary<string, string> FailedDocuments
    {
        get
        {
            lock (_gate)
                return _failed.ToDictionary(entry => entry.Key, entry => entry.Value.Error, StringComparer.Ordinal);
        }
    }

    /// <summary>No room is opened any more. Any thread.</summary>
    public bool IsStopping => Volatile.Read(ref _stopping);

    /// <summary>The rooms that are open or opening at this moment.</summary>
    public Room[] Rooms
    {
        get
        {
            lock (_gate)
                return [.. _rooms.Values];
        }
    }

    /// <summary>Peers in the room of <paramref name="name"/>, 0 when it is not open.</summary>
    public int OpenPeers(string name) => TryGet(name, out Room? room) ? room.PeerCount : 0;

    /// <summary>Brings a peer into its room, opening the room if needed.</summary>
    public async Task<(Room? Room, JoinResult Result)> JoinAsync(string name, Peer peer, CancellationToken cancellationToken)
    {
        using Activity? activity = CoEditActivities.Start("coedit.join", name);
        while (true)
        {
            if (!TryOpen(name, out Room? room, out JoinResult refused))
                return (null, refused);
            var reply = new TaskCompletionSource<JoinResult>(TaskCreationOptions.RunContinuationsAsynchronously);
            if (!await room.PostAsync(new RoomMessage(RoomMessageKind.Join, peer, Reply: reply), cancellationToken))
                continue; // it closed meanwhile and is out of the registry
            JoinResult result;
            try
            {
                result = await reply.Task.WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                // The room may let the peer in after we stopped waiting; behind the join in its inbox, this takes it out again.
                await room.PostAsync(new RoomMessage(RoomMessageKind.Leave, peer), CancellationToken.None);
                throw;
            }

            if (result.Outcome != JoinOutcome.RoomClosed)
                return (result.Outcome == JoinOutcome.Joined ? room : null, result);
        }
    }

    /// <summary>The document's state, once every update in it is durable.</summary>
    /// <exception cref="RoomUnavailableException">The document cannot be loaded.</exception>
    public Task<DocumentState> ReadStateAsync(string name, CancellationToken cancellationToken) =>
        AskAsync<DocumentState>(name, RoomMessageKind.ReadState, cancellationToken);

    /// <summary>Deletes the document and closes its peers. False when there is none.</summary>
    /// <exception cref="RoomUnavailableException">The document cannot be loaded.</exception>
    /// <exception cref="CoEdit.Persistence.StorageException">The deletion could not be stored; nothing has changed.</exception>
    public async Task<bool> DeleteAsync(string name, CancellationToken cancellationToken)
    {
        using Activity? activity = CoEditActivities.Start("coedit.delete", name);
        return await AskAsync<bool>(name, RoomMessageKind.Delete, cancellationToken);
    }

    /// <summary>Called by a room's loop when it ends. Idempotent; another room of the same name is left alone.</summary>
    public void Remove(Room room)
    {
        lock (_gate)
        {
            if (_rooms.TryGetValue(room.Name, out Room? current) && current == room)
                _rooms.Remove(room.Name);
        }
    }

    public void LoadFailed(string name, string error)
    {
        _context.Metrics.AddFailedLoad();
        lock (_gate)
            _failed[name] = new FailedLoad(error, _context.NowMs);
    }

    public void LoadSucceeded(string name)
    {
        lock (_gate)
            _failed.Remove(name);
    }

    public bool TryGet(string name, [NotNullWhen(true)] out Room? room)
    {
        lock (_gate)
            return _rooms.TryGetValue(name, out room);
    }

    /// <summary>Opens nothing more, lets every room commit, closes every peer with 1012, and waits for the rooms to end.</summary>
    public async Task ShutdownAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
            Volatile.Write(ref _stopping, true);
        Room[] rooms = Rooms;
        // All at once: one whose inbox is full must not keep the others waiting.
        await Task.WhenAll(rooms.Select(room => room.PostAsync(new RoomMessage(RoomMessageKind.Shutdown), cancellationToken).AsTask()));
        await Task.WhenAll(rooms.Select(room => room.Completion)).WaitAsync(cancellationToken);
    }

    private async Task<T> AskAsync<T>(string name, RoomMessageKind kind, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (!TryOpen(name, out Room? room, out JoinResult refused))
                throw new RoomUnavailableException(name, refused.Error ?? "The server is stopping.");
            var reply = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
            if (!await room.PostAsync(new RoomMessage(kind, Reply: reply), cancellationToken))
                continue;
            try
            {
                return await reply.Task.WaitAsync(cancellationToken);
            }
            catch (RoomUnavailableException exception) when (exception.IsClosing)
            {
                // The next turn of the loop opens the next room of this name.
            }
        }
    }

    private bool TryOpen(string name, [NotNullWhen(true)] out Room? room, out JoinResult refused)
    {
        lock (_gate)
        {
            refused = default;
            if (_rooms.TryGetValue(name, out room))
                return true;
            if (_stopping)
            {
                refused = new JoinResult(JoinOutcome.ShuttingDown);
                return false;
            }

            // Whoever retries in a hurry is told what the last attempt found, without another attempt.
            if (_failed.TryGetValue(name, out FailedLoad? failed) && _context.NowMs - failed.At < FailureMemoryMs)
            {
                refused = new JoinResult(JoinOutcome.LoadFailed, failed.Error);
                return false;
            }

            room = new Room(name, _context);
            _rooms.Add(name, room);
            room.Start();
            return true;
        }
    }

    private sealed record FailedLoad(string Error, long At);
}
