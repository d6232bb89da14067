using System.Diagnostics.CodeAnalysis;
using CoEdit.Protocol;

namespace CoEdit.Server;

/// <summary>Who comes into a document, with which rights and until when; or the code and reason to close with.</summary>
internal sealed class Admission
{
    private Admission(PeerIdentity? identity, DocumentRights rights, int closeCode, string? reason)
    {
        Identity = identity;
        Rights = rights;
        RefusalCode = closeCode;
        RefusalReason = reason;
    }

    [MemberNotNullWhen(true, nameof(Identity))]
    [MemberNotNullWhen(false, nameof(RefusalReason))]
    public bool IsGranted => Identity is not null;

    public PeerIdentity? Identity { get; }

    /// <summary>At least <see cref="DocumentRights.Read"/> when granted.</summary>
    public DocumentRights Rights { get; }

    public int RefusalCode { get; }

    public string? RefusalReason { get; }

    public static Admission Granted(PeerIdentity identity, DocumentRights rights) => new(identity, rights, 0, null);

    public static Admission Refused(int closeCode, string reason) => new(null, DocumentRights.None, closeCode, reason);

    /// <summary>What a socket is closed with whose caller could not be authenticated.</summary>
    public static Admission Refused(AuthResult result) => Refused(
        result.Outcome switch
        {
            AuthOutcome.Unavailable => CloseCode.TryAgainLater,
            AuthOutcome.TimedOut => CloseCode.TimedOut,
            _ => CloseCode.Unauthorized,
        },
        result.Failure ?? "A token is needed.");
}

/// <summary>Decides who comes into which document.</summary>
internal sealed partial class Gatekeeper(RequestAuthentication authentication, DocumentAccess access, ILogger<Gatekeeper> logger)
{
    /// <summary>Judges the token in the request and the rights of whom it names.</summary>
    /// <exception cref="OperationCanceledException">The caller went away.</exception>
    public async ValueTask<Admission> AdmitAsync(HttpContext context, string document) =>
        await AdmitAsync(await authentication.OfAsync(context), document, context.RequestAborted);

    /// <summary>Judges the rights of somebody who was authenticated before.</summary>
    /// <exception cref="OperationCanceledException">The caller went away.</exception>
    public async ValueTask<Admission> AdmitAsync(AuthResult caller, string document, CancellationToken cancellationToken)
    {
        if (!caller.Succeeded)
            return Admission.Refused(caller);
        DocumentRights rights;
        try
        {
            rights = await access.GetRightsAsync(caller.Principal, document, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            LogFailed(exception, document);
            return Admission.Refused(CloseCode.TryAgainLater, "Rights cannot be checked at the moment.");
        }

        return rights == DocumentRights.None
            ? Admission.Refused(CloseCode.Forbidden, "You do not have the right to read this document.")
            : Admission.Granted(new PeerIdentity(caller.Principal, caller.Expires), rights);
    }

    [LoggerMessage(EventIds.RightsFailed, LogLevel.Error, "Rights in {Document} could not be checked.")]
    private partial void LogFailed(Exception exception, LogText document);
}
