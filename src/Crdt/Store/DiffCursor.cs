namespace CoEdit.Crdt;

/// <summary>How far a long difference has been written in parts, see <see cref="UpdateStore.WritePart"/>.</summary>
/// <remarks>Belongs to one receiver. It refers to clocks only, so the store may change or be replaced by a compacted copy between parts.</remarks>
public sealed class DiffCursor
{
    /// <summary>Starts a difference for somebody with <paramref name="known"/>, which is copied.</summary>
    public DiffCursor(StateVector known)
    {
        ArgumentNullException.ThrowIfNull(known);
        Start = known.Clone();
        Sent = known.Clone();
    }

    private DiffCursor(StateVector start, StateVector sent, UpdateStore? source, long deleteChanges)
    {
        Start = start.Clone();
        Sent = sent.Clone();
        Source = source;
        DeleteChanges = deleteChanges;
    }

    /// <summary>True once the last part has been written.</summary>
    public bool IsComplete { get; internal set; }

    /// <summary>What the receiver knew at first.</summary>
    internal StateVector Start { get; }

    /// <summary>What it knows when it has the parts written so far.</summary>
    internal StateVector Sent { get; }

    /// <summary>The store whose deletions the parts hold, and how often those had changed then.</summary>
    internal UpdateStore? Source { get; set; }

    internal long DeleteChanges { get; set; }

    /// <summary>Where the last part ended inside a struct larger than a part.</summary>
    internal LargeStruct? Large { get; set; }

    /// <summary>What the receiver of the parts so far knows, as a copy.</summary>
    public StateVector GetSent() => Sent.Clone();

    /// <summary>A cursor for another receiver that has got the same parts.</summary>
    public DiffCursor Fork() => new(Start, Sent, Source, DeleteChanges) { IsComplete = IsComplete, Large = Large?.Clone() };

    /// <summary>A place inside a struct that is written in several parts, so that its content is walked over once and not once for each.</summary>
    internal sealed class LargeStruct
    {
        public required ClientLog Log { get; init; }

        /// <summary>The chunk that holds the struct; if it is another one meanwhile, the place means nothing.</summary>
        public required byte[] Bytes { get; init; }

        public required int ChunkIndex { get; init; }

        public required StructView View { get; init; }

        /// <summary>The struct's first clock.</summary>
        public required uint First { get; init; }

        /// <summary>The next clock to write, and the offset of its content.</summary>
        public required uint Clock { get; set; }

        public required int Offset { get; set; }

        public LargeStruct Clone() => (LargeStruct)MemberwiseClone();
    }
}
