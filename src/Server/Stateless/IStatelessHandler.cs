namespace CoEdit.Server;

/// <summary>The application's ear for stateless messages. Register one to hear them; without one they are dropped.</summary>
public interface IStatelessHandler
{
    /// <summary>Takes one message. Messages of one client come one at a time, in order; those of several come at once.</summary>
    /// <remarks>The client's next messages wait until this returns. An exception is logged and costs nobody anything.</remarks>
    ValueTask HandleAsync(StatelessMessage message, CancellationToken cancellationToken);
}

/// <summary>Hears nothing.</summary>
internal sealed class NoStatelessHandler : IStatelessHandler
{
    public ValueTask HandleAsync(StatelessMessage message, CancellationToken cancellationToken) => ValueTask.CompletedTask;
}
