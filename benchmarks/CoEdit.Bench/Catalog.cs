namespace CoEdit.Bench;

/// <summary>The benchmarks of the update store and the recordings behind them.</summary>
internal static class Catalog
{
    /// <summary><c>B4</c> and <c>T-…</c> replay one author's session, <c>C-…</c> one of several concurrent authors.</summary>
    public static IReadOnlyList<string> Ids { get; } =
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

    /// <summary>True if the updates themselves were recorded (in <c>traces/merge</c>); otherwise Yjs makes them from the trace.</summary>
    public static bool IsConcurrent(string id) => id.StartsWith("C-", StringComparison.Ordinal);

    /// <summary>The name of the recording's files.</summary>
    public static string TraceOf(string id) => id == "B4" ? "automerge-paper" : id[2..];
}
