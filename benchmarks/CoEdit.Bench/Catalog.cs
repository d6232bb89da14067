namespace CoEdit.Bench;

/// <summary>The ids of the benchmarks and the recordings behind them.</summary>
internal static class Catalog
{
    /// <summary>Recorded sessions: <c>B4</c> and <c>T-…</c> of one author, <c>C-…</c> of several concurrent authors.</summary>
    public static IReadOnlyList<string> RecordedIds { get; } =
    [
        "B4",
        "T-sveltecomponent",
        "T-clownschool_flat",
        "T-friendsforever_flat",
        "T-json-crdt-patch",
        "T-json-crdt-blog-post",
        "C-friendsforever",
        "C-clownschool",
        "C-node_nodecc",
    ];

    /// <summary><c>X-yjs</c>: functions on updates without a document. <c>X-reverse</c>: newest update first.</summary>
    /// <remarks>The updates are those of automerge-paper.</remarks>
    public static IReadOnlyList<string> ExtraIds { get; } = ["X-yjs", "X-reverse"];

    public static IReadOnlyList<string> AllIds { get; } = [.. Workload.Ids, .. RecordedIds, SixClients.Id, .. ExtraIds];

    /// <summary>True if the updates themselves were recorded (in <c>traces/merge</c>); otherwise they are made from the trace.</summary>
    public static bool IsConcurrent(string id) => id.StartsWith("C-", StringComparison.Ordinal);

    /// <summary>True for what is no benchmark of a document, so that there is no document whose memory could be measured.</summary>
    public static bool IsExtra(string id) => ExtraIds.Contains(id);

    /// <summary>The name of the recording's files.</summary>
    public static string TraceOf(string id) => id == "B4" || IsExtra(id) ? "automerge-paper" : id[2..];
}
