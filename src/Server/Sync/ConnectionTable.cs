using System.Collections.Concurrent;

namespace CoEdit.Server;

/// <summary>Every open socket of the server, for the watch over stalled ones.</summary>
internal sealed class ConnectionTable
{
    private readonly ConcurrentDictionary<long, PeerConnection> _connections = new();
    private long _lastId;

    public int Count => _connections.Count;

    public long NextId() => Interlocked.Increment(ref _lastId);

    public void Add(long id, PeerConnection connection) => _connections[id] = connection;

    public void Remove(long id) => _connections.TryRemove(id, out _);

    /// <summary>Closes every socket that is still open, after what is queued for it.</summary>
    public void CloseAll(int code, string reason)
    {
        foreach (PeerConnection connection in _connections.Values)
            connection.Close(code, reason);
    }

    public void CheckProgress()
    {
        foreach (PeerConnection connection in _connections.Values)
            connection.CheckProgress();
    }
}
