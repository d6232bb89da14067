namespace CoEdit.Crdt;

/// <summary>How the bytes of a client are cut; tests use tiny values so that small inputs cross every edge.</summary>
/// <param name="Smallest">Capacity of a client's first chunk.</param>
/// <param name="Largest">Capacity that chunks grow to.</param>
/// <param name="LargestRun">
/// Payload bytes up to which a text is extended in place. It bounds what is copied when the last struct moves to a new chunk, and what a
/// peer's clock that points into the text makes us step over.
/// </param>
internal sealed record ChunkSizes(int Smallest, int Largest, int LargestRun)
{
    public static ChunkSizes Default { get; } = new(32, 8192, 2048);

    /// <summary>Capacity of the next chunk of a client that has <paramref name="stored"/> bytes: doubles with the content.</summary>
    public int Next(long stored) => (int)Math.Clamp(stored, Smallest, Largest);
}
