using System.Buffers;

namespace CoEdit.Crdt.Tests;

internal static class Stores
{
    /// <summary>Chunks of a few bytes, so that small inputs cross every edge.</summary>
    public static ChunkSizes Tiny { get; } = new(4, 16, 24);

    public static UpdateStore New(UpdateStoreOptions? options = null, bool tiny = false) =>
        new(options, tiny ? Tiny : ChunkSizes.Default);

    public static UpdateStore From(params byte[][] updates)
    {
        UpdateStore store = new();
        foreach (byte[] update in updates)
            store.Apply(update);
        return store;
    }

    public static byte[] NovelPart(this UpdateStore store) => UpdateBuilder.Content(store.EncodeNovelPart);

    public static byte[] Diff(this UpdateStore store, StateVector known) =>
        UpdateBuilder.Content(writer => store.EncodeDiff(known, writer));

    public static List<ClockRange> Deletes(this UpdateStore store)
    {
        List<ClockRange> structs = [];
        List<ClockRange> deletes = [];
        UpdateInfo.ReadRanges(store.EncodeState(), structs, deletes);
        return deletes;
    }

    public static string Hex(this UpdateStore store) => Bytes.ToHex(store.EncodeState());
}
