using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using Xunit;

namespace CoEdit.Crdt.Tests;

/// <summary>Recorded sessions of several people, as Yjs wrote them (benchmarks/traces/merge), delivered in every order.</summary>
public sealed class TraceMergeTests
{
    private static readonly string[] Orders = ["in order", "reversed", "shuffled"];

    public static TheoryData<string, string> Deliveries
    {
        get
        {
            TheoryData<string, string> deliveries = [];
            foreach (string trace in new[] { "friendsforever", "clownschool", "node_nodecc" })
            {
                foreach (string order in Orders)
                    deliveries.Add(trace, order);
            }

            return deliveries;
        }
    }

    [Theory]
    [MemberData(nameof(Deliveries))]
    public void A_document_has_the_text_of_Yjs(string trace, string order)
    {
        string text = Encoding.UTF8.GetString(Read($"{trace}.text.gz"));
        YDoc one = new();
        foreach (byte[] update in Ordered(Updates(trace, "v1"), order))
            one.ApplyUpdate(update);
        Assert.False(one.HasPending);
        Assert.Equal(text, one.GetText("text").ToString());
        YDoc two = new();
        foreach (byte[] update in Ordered(Updates(trace, "v2"), order))
            two.ApplyUpdateV2(update);
        Assert.False(two.HasPending);
        Assert.Equal(text, two.GetText("text").ToString());
        Assert.Equal(one.EncodeStateAsUpdateV2(), two.EncodeStateAsUpdateV2());
        if (order == "in order")
        {
            Assert.Equal(Read($"{trace}.merged.v1.bin.gz"), two.EncodeStateAsUpdate());
            Assert.Equal(Read($"{trace}.merged.v2.bin.gz"), one.EncodeStateAsUpdateV2());
        }
    }

    [Theory]
    [MemberData(nameof(Deliveries))]
    public void A_store_has_the_text_of_Yjs(string trace, string order)
    {
        UpdateStore store = new();
        foreach (byte[] update in Ordered(Updates(trace, "v1"), order))
            store.Apply(update, UpdateSource.Trusted);
        Assert.False(store.HasPending);
        store.CheckInvariants();
        store.Compact();
        YDoc doc = new();
        doc.ApplyUpdate(store.EncodeState());
        Assert.Equal(Encoding.UTF8.GetString(Read($"{trace}.text.gz")), doc.GetText("text").ToString());
    }

    private static List<byte[]> Ordered(List<byte[]> updates, string order)
    {
        if (order == "reversed")
            updates.Reverse();
        else if (order == "shuffled")
            new Random(20_000).Shuffle(CollectionsMarshal.AsSpan(updates));
        return updates;
    }

    private static List<byte[]> Updates(string trace, string format)
    {
        Lib0Reader reader = new(Read($"{trace}.updates.{format}.bin.gz"));
        List<byte[]> updates = [];
        while (!reader.IsAtEnd)
            updates.Add(reader.ReadVarBytes().ToArray());
        return updates;
    }

    private static byte[] Read(string name)
    {
        string path = Path.Combine("benchmarks", "traces", "merge", name);
        string? file = null;
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null && file is null; folder = folder.Parent)
            file = File.Exists(Path.Combine(folder.FullName, path)) ? Path.Combine(folder.FullName, path) : null;
        Assert.NotNull(file);
        using GZipStream unpacked = new(File.OpenRead(file), CompressionMode.Decompress);
        using MemoryStream bytes = new();
        unpacked.CopyTo(bytes);
        return bytes.ToArray();
    }
}
