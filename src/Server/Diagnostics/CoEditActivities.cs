using System.Diagnostics;
using MediatR;

namespace CoEdit.Server;

/// <summary>The activity source <c>CoEdit</c>: joining, loading, folding, deleting and the use cases of the HTTP API; never a frame.</summary>
internal static class CoEditActivities
{
    /// <summary>Name of the activity source.</summary>
    public const string SourceName = "CoEdit";

    private static readonly ActivitySource Source = new(SourceName, typeof(CoEditActivities).Assembly.GetName().Version?.ToString(3));

    /// <summary>Starts an activity; null when nobody listens. <paramref name="parent"/>: what caused it, when that is not the current activity.</summary>
    public static Activity? Start(string name, string? document = null, ActivityContext parent = default)
    {
        Activity? activity = parent == default ? Source.StartActivity(name) : Source.StartActivity(name, ActivityKind.Internal, parent);
        if (document is not null)
            activity?.SetTag("coedit.document", document);
        return activity;
    }

    /// <summary>Marks an activity as failed.</summary>
    public static void Fail(this Activity? activity, Exception exception) => activity?.SetStatus(ActivityStatusCode.Error, exception.GetType().Name);
}

/// <summary>Wraps every use case in an activity that is called like it.</summary>
internal sealed class TracedUseCase<TRequest, TResponse> : IPipelineBehavior<TRequest, TResponse>
{
    private static readonly string Name = "coedit." + (typeof(TRequest).DeclaringType ?? typeof(TRequest)).Name;

    public async Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        using Activity? activity = CoEditActivities.Start(Name);
        try
        {
            return await next();
        }
        catch (Exception exception)
        {
            activity.Fail(exception);
            throw;
        }
    }
}
