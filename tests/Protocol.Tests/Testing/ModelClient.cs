using CoEdit.Crdt;

namespace CoEdit.Protocol.Tests;

/// <summary>The awareness half of a stock y-websocket client: its clock rules, and that it sends back whatever changed.</summary>
internal sealed class ModelClient(ulong id)
{
    private readonly Dictionary<ulong, ulong> _clocks = [];
    private readonly Dictionary<ulong, string> _states = [];

    public ulong Id { get; } = id;

    public IReadOnlyDictionary<ulong, string> States => _states;

    /// <summary>Where messages go while the client believes that it is connected.</summary>
    public Action<byte[]>? Send { get; set; }

    public void SetState(string? json)
    {
        _clocks[Id] = _clocks.TryGetValue(Id, out ulong clock) ? clock + 1 : 0;
        if (json is null)
            _states.Remove(Id);
        else
            _states[Id] = json;
        SendEntries([Id]);
    }

    public void Connected(Action<byte[]> send)
    {
        Send = send;
        if (_states.ContainsKey(Id))
            SendEntries([Id]);
    }

    public void Disconnected()
    {
        Send = null;
        foreach (ulong other in _states.Keys.Where(c => c != Id).ToArray())
            _states.Remove(other); // but not their clocks
    }

    public void Receive(byte[] update)
    {
        var changed = new List<ulong>();
        foreach ((ulong client, ulong clock, string json) in Inner.Read(update))
        {
            bool known = _clocks.TryGetValue(client, out ulong current);
            bool removal = json == Inner.Gone;
            if (current >= clock && !(current == clock && removal && _states.ContainsKey(client)))
                continue;
            _clocks[client] = clock;
            if (!removal)
                _states[client] = json;
            else if (client == Id && _states.ContainsKey(Id))
                _clocks[client] = clock + 1;
            else
                _states.Remove(client);
            if (!removal || known)
                changed.Add(client);
        }

        if (changed.Count > 0)
            SendEntries(changed);
    }

    private void SendEntries(List<ulong> clients) =>
        Send?.Invoke(Inner.Of([.. clients.Select(c => (c, _clocks[c], _states.GetValueOrDefault(c, Inner.Gone)))]));
}
