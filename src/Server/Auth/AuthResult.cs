using System.Diagnostics.CodeAnalysis;
using System.Security.Claims;

namespace CoEdit.Server;

/// <summary>What became of an attempt to prove who one is.</summary>
public enum AuthOutcome
{
    /// <summary>The caller is known.</summary>
    Succeeded,

    /// <summary>There is no token, or it is not good. The same token will not be good later.</summary>
    Refused,

    /// <summary>The token could not be judged now; the caller may try again.</summary>
    Unavailable,

    /// <summary>Judging the token took too long; the caller may try again.</summary>
    TimedOut,
}

/// <summary>Who a caller is and until when that holds, or why it was not let in.</summary>
public sealed class AuthResult
{
    private AuthResult(AuthOutcome outcome, ClaimsPrincipal? principal, DateTimeOffset expires, string? failure)
    {
        Outcome = outcome;
        Principal = principal;
        Expires = expires;
        Failure = failure;
    }

    /// <summary>What became of the attempt.</summary>
    public AuthOutcome Outcome { get; }

    /// <summary>True when <see cref="Principal"/> is known.</summary>
    [MemberNotNullWhen(true, nameof(Principal))]
    [MemberNotNullWhen(false, nameof(Failure))]
    public bool Succeeded => Outcome == AuthOutcome.Succeeded;

    /// <summary>The caller. Its <c>Identity.Name</c> is the user's id, null while everybody is let in.</summary>
    public ClaimsPrincipal? Principal { get; }

    /// <summary>From then on the proof holds no longer; <see cref="DateTimeOffset.MaxValue"/> when it does not end.</summary>
    public DateTimeOffset Expires { get; }

    /// <summary>Why not, as a short sentence that may be shown to the caller and logged. It never contains anything of the token.</summary>
    public string? Failure { get; }

    /// <summary>The caller is <paramref name="principal"/> until <paramref name="expires"/>.</summary>
    public static AuthResult Success(ClaimsPrincipal principal, DateTimeOffset expires) =>
        new(AuthOutcome.Succeeded, principal, expires, null);

    /// <summary>The token is missing or not good.</summary>
    public static AuthResult Refused(string reason) => new(AuthOutcome.Refused, null, default, reason);

    /// <summary>The token cannot be judged now.</summary>
    public static AuthResult Unavailable(string reason) => new(AuthOutcome.Unavailable, null, default, reason);

    /// <summary>Judging the token took too long.</summary>
    public static AuthResult TimedOut() => new(AuthOutcome.TimedOut, null, default, "Authentication took too long.");
}
