using CoEdit.Protocol;

namespace CoEdit.Server;

/// <summary>Why something of a client was refused: the values of the tag <c>reason</c> of <c>coedit.rejected</c>.</summary>
internal enum Rejection
{
    Other,
    Malformed,
    Protocol,
    Text,
    TooBig,
    Fork,
    Limit,
    Deleted,
    Pending,
    ReadOnly,
    BadRequest,
    Unauthenticated,
    Forbidden,
    Origin,
    TimedOut,
    Overloaded,
    Stalled,
    PreAuthentication,
    Stopping,
}

/// <summary>What the reasons are called in metrics, and which close code means which.</summary>
internal static class Rejections
{
    /// <summary>Indexed by <see cref="Rejection"/>.</summary>
    private static readonly string[] Tags = [.. Enum.GetNames<Rejection>().Select(SnakeCase)];

    public static int Count => Tags.Length;

    public static string Tag(Rejection reason) => Tags[(int)reason];

    public static Rejection Of(int closeCode) => closeCode switch
    {
        CloseCode.ProtocolError => Rejection.Protocol,
        CloseCode.UnsupportedData => Rejection.Text,
        CloseCode.MalformedPayload => Rejection.Malformed,
        CloseCode.MessageTooBig => Rejection.TooBig,
        CloseCode.ServiceRestart => Rejection.Stopping,
        CloseCode.TryAgainLater => Rejection.Overloaded,
        CloseCode.ResetConnection => Rejection.PreAuthentication,
        CloseCode.BadRequest => Rejection.BadRequest,
        CloseCode.Unauthorized => Rejection.Unauthenticated,
        CloseCode.Forbidden => Rejection.Forbidden,
        CloseCode.DocumentDeleted => Rejection.Deleted,
        CloseCode.ConnectionTimeout or CloseCode.TimedOut => Rejection.TimedOut,
        CloseCode.Conflict => Rejection.Fork,
        CloseCode.LimitExceeded => Rejection.Limit,
        _ => Rejection.Other,
    };

    private static string SnakeCase(string name) =>
        string.Concat(name.Select(static (letter, i) => i > 0 && char.IsUpper(letter) ? "_" + char.ToLowerInvariant(letter) : char.ToLowerInvariant(letter).ToString()));
}
