using Xunit;

namespace CoEdit.Crdt.Tests;

/// <summary>Damaged bytes for everything that a document reads: documented exceptions, memory in proportion, and the document as it was.</summary>
public sealed class DocFuzzTests
{
    private static readonly YDocOptions Limits = new()
    {
        ClientId = 77,
        MaxPendingStructs = 100,
        MaxPendingBytes = 4_096,
        MaxRoots = 20,
        MaxNameBytes = 64,
        MaxClients = 200,
        MaxRepeatedStructs = 500,
    };

    private static readonly List<byte[]> V1 = [.. TruncatedUpdateTests.States().Select(state => state.V1)];
    private static readonly List<byte[]> V2 = [.. TruncatedUpdateTests.States().Select(state => state.V2)];

    [Fact]
    public void Damaged_updates_for_a_document_with_limits() => RandomRounds.Run((random, operations) =>
    {
        YDoc doc = new(Limits);
        using UndoManager undo = new(doc);
        int events = 0;
        doc.GetText("t").ObservedDeep += changes => events += changes.Sum(change => change.Delta.Count + change.Keys.Count + change.Path.Count);
        for (int i = 0; i < 150; i++)
        {
            bool second = random.Next(2) == 0;
            List<byte[]> pool = second ? V2 : V1;
            byte[] update = FuzzTests.Damage(random, pool[random.Next(pool.Count)], pool);
            operations.Add((second ? "v2 " : "v1 ") + Bytes.ToHex(update));
            byte[] before = doc.EncodeStateAsUpdate();
            int clients = doc.Store.ClientCount;
            if (Refused(update.Length, () => Apply(doc, update, second)))
            {
                Assert.Equal(before, doc.EncodeStateAsUpdate());
                Assert.Equal(clients, doc.Store.ClientCount);
            }
        }

        DocInvariants.Check(doc);
        Read(doc);

        // While something waits that forks what is known, the copy may get behind the fork.
        YDoc copy = new(new YDocOptions { CleanupFormatting = false });
        copy.ApplyUpdateV2(doc.EncodeStateAsUpdateV2());
        DocInvariants.Check(copy);
        if (!doc.HasPending)
            Assert.Equal(doc.EncodeStateVector(), copy.EncodeStateVector());
        undo.Undo();
        undo.Redo();
        DocInvariants.Check(doc);
    });

    [Fact]
    public void Damaged_state_vectors_snapshots_positions_and_delete_sets() => RandomRounds.Run((random, operations) =>
    {
        YDoc doc = new(new YDocOptions { ClientId = 77, Gc = false });
        foreach (byte[] state in V1)
            Refused(state.Length, () => doc.ApplyUpdate(state));
        byte[] before = doc.EncodeStateAsUpdate();
        RelativePosition position = RelativePosition.Create(doc.GetText("own"), 0);
        List<byte[]> pool =
        [
            doc.EncodeStateVector(), doc.GetSnapshot().Encode(), doc.GetSnapshot().EncodeV2(), position.Encode(), [0, 77, 3, 0], [2, 1, 0, 0x41],
        ];
        for (int i = 0; i < 300; i++)
        {
            byte[] bytes = FuzzTests.Damage(random, pool[random.Next(pool.Count)], pool);
            operations.Add(Bytes.ToHex(bytes));
            int answer = 2 * before.Length;
            Refused(bytes.Length + answer, () => doc.EncodeStateAsUpdate(bytes));
            Refused(bytes.Length + answer, () => doc.EncodeStateAsUpdateV2(bytes));
            Refused(bytes.Length, () => RelativePosition.Decode(bytes).Resolve(doc));
            Refused(bytes.Length, () => IdSet.Decode(bytes));
            Refused(bytes.Length, () => IdSet.DecodeV2(bytes));
            Refused(bytes.Length + answer, () => Restore(doc, Snapshot.Decode(bytes)));
            Refused(bytes.Length + answer, () => Restore(doc, Snapshot.DecodeV2(bytes)));
            Refused(bytes.Length + answer, () => doc.GetText("own").ToDelta(Snapshot.Decode(bytes), Snapshot.Empty));
        }

        Assert.Equal(before, doc.EncodeStateAsUpdate());
        DocInvariants.Check(doc);
    });

    [Fact]
    public void Damaged_updates_without_a_document() => RandomRounds.Run((random, operations) =>
    {
        UpdateReadOptions limits = new() { MaxRepeatedStructs = 500 };
        for (int i = 0; i < 200; i++)
        {
            byte[] v1 = FuzzTests.Damage(random, V1[random.Next(V1.Count)], V1);
            byte[] v2 = FuzzTests.Damage(random, V2[random.Next(V2.Count)], V2);
            byte[] other = V1[random.Next(V1.Count)];
            byte[] vector = [1, 1, (byte)random.Next(20)];
            operations.Add(Bytes.ToHex(v1) + " " + Bytes.ToHex(v2));
            int length = v1.Length + v2.Length + other.Length + 500;
            Refused(length, () => YUpdate.MergeUpdates([v1, other]));
            Refused(length, () => YUpdate.MergeUpdatesV2([v2, v2], limits));
            Refused(length, () => YUpdate.DiffUpdate(v1, vector));
            Refused(length, () => YUpdate.DiffUpdateV2(v2, vector, limits));
            Refused(length, () => YUpdate.ConvertV1ToV2(v1));
            Refused(length, () => YUpdate.ConvertV2ToV1(v2, limits));
            Refused(length, () => YUpdate.ParseUpdateMeta(v1));
            Refused(length, () => YUpdate.ParseUpdateMetaV2(v2, limits));
            Refused(length, () => YUpdate.EncodeStateVectorFromUpdateV2(v2, limits));
            Refused(length, () => YUpdate.ObfuscateUpdateV2(v2, null, limits));
            Refused(length, () => YUpdate.Describe(v1));
            Refused(length, () => YUpdate.DescribeV2(v2, limits));
        }
    });

    private static void Apply(YDoc doc, byte[] update, bool second)
    {
        if (second)
            doc.ApplyUpdateV2(update);
        else
            doc.ApplyUpdate(update);
    }

    private static void Read(YDoc doc)
    {
        foreach (int type in doc.Store.RootTypes)
        {
            if (doc.Store.Type(type).Ref != TypeNode.Untyped)
                Assert.NotNull(doc.Store.Face(type).ToJson().ToString());
        }

        Assert.Equal(Snapshot.Decode(doc.GetSnapshot().Encode()), doc.GetSnapshot());
    }

    // A snapshot of something else is refused with InvalidOperationException.
    private static void Restore(YDoc doc, Snapshot snapshot)
    {
        try
        {
            DocInvariants.Check(doc.Restore(snapshot));
        }
        catch (InvalidOperationException)
        {
            DocInvariants.Check(doc);
        }
    }

    private static bool Refused(int length, Action action)
    {
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        bool refused = false;
        try
        {
            action();
        }
        catch (Exception exception) when (exception is MalformedUpdateException or UpdateLimitException)
        {
            refused = true;
        }

        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        Assert.True(allocated <= (256L * length) + 4_194_304, $"{allocated} bytes for {length}");
        return refused;
    }
}
