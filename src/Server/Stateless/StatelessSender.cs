using CoEdit.Protocol;

namespace CoEdit.Server;

/// <summary>A stateless message on its way through a room, and to whom.</summary>
internal sealed class StatelessDelivery(string payload, string? user, long? connection)
{
    /// <summary>The message without an address.</summary>
    public byte[] Frame { get; } = HocuspocusProtocol.Stateless(payload);

    /// <summary>Answered with the number of peers that got it.</summary>
    public TaskCompletionSource<int> Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsFor(Peer peer) => (user is null || user == peer.Principal) && (connection is null || connection == peer.Id);
}

/// <inheritdoc cref="IStatelessSender"/>
internal sealed class StatelessSender(RoomRegistry rooms) : IStatelessSender
{
    public async Task<int> SendAsync(
        string document, string payload, string? user = null, long? connection = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(payload);
        var delivery = new StatelessDelivery(payload, user, connection);
        if (!rooms.TryGet(document, out Room? room)
            || !await room.PostAsync(new RoomMessage(RoomMessageKind.Stateless, Reply: delivery), cancellationToken))
            return 0;
        return await delivery.Reached.Task.WaitAsync(cancellationToken);
    }
}
