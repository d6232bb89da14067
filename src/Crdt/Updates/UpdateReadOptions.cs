namespace CoEdit.Crdt;

/// <summary>Limits for reading an update of the v2 format, in which a few bytes can stand for any number of structs.</summary>
/// <remarks>Immutable. Updates v1 need no such limit: each of their structs takes two bytes at least.</remarks>
public sealed class UpdateReadOptions
{
    /// <summary>The limits used when none are given.</summary>
    public static UpdateReadOptions Default { get; } = new();

    /// <summary>
    /// How many structs an update v2 may hold beyond one for each of its bytes. Default 1,000,000. An update with more of them is refused
    /// with <see cref="MalformedUpdateException"/>.
    /// </summary>
    public int MaxRepeatedStructs { get; init; } = 1_000_000;
}
