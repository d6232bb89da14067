using Xunit;

namespace CoEdit.Crdt.Tests;

/// <summary>Which of several updates a merge goes on with, and what that costs. Expected values were recorded from Yjs 13.6.33 on Node 20.</summary>
public class MergeOrderTests
{
    private const string Gc = "0101010000 0300";
    private const string Item = "0101010004010174 03616263 00";
    private const string Mixed = "0102010004010174 0178 000200";
    private const string Other = "0101050004010174 017a 00";

    [Theory]
    [InlineData("01010100040101740361626300", Gc, Item)]
    [InlineData("01010100000300", Item, Gc)]
    [InlineData("01010100040101740361626300", Gc, Item, Mixed)]
    [InlineData("01010100000300", Item, Mixed, Gc)]
    [InlineData("0201050004010174017a010100000300", Other, Gc, Item)]
    [InlineData("0201050004010174017a010100040101740361626300", Other, Item, Gc, Mixed)]
    [InlineData("0201050004010174017a020100040101740178000200", Mixed, Item, Gc, Other, Gc)]
    public void Of_collected_and_live_content_the_one_that_Yjs_takes_is_taken(string merged, params string[] updates) =>
        Assert.Equal(merged, Bytes.ToHex(YUpdate.MergeUpdates([.. updates.Select(update => (ReadOnlyMemory<byte>)Bytes.FromHex(update))])));

    [Theory]
    [InlineData(10, 1448050089)]
    [InlineData(63, 704398411)]
    [InlineData(64, 843733257)]
    [InlineData(100, 947473861)]
    [InlineData(1000, -1108823143)]
    public void A_comparison_that_contradicts_itself_sorts_as_in_V8(int count, int expected)
    {
        uint state = (uint)count;
        MergeHead[] heads = new MergeHead[count];
        int[] items = new int[count];
        for (int i = 0; i < count; i++)
        {
            uint clock = Next() % (uint)(count >> 1);
            heads[i] = new MergeHead(1, clock, Next() % 3 == 0);
            items[i] = i;
        }

        V8Sort sort = new(heads);
        int hash = 17;
        for (int round = 0; round < 2; round++)
        {
            sort.Sort(items, count);
            foreach (int item in items)
                hash = unchecked((hash * 31) + item);
        }

        Assert.Equal(expected, hash);

        uint Next() => (state = unchecked((state * 1664525) + 1013904223)) >> 8;
    }

    [Fact]
    public void Thousands_of_small_updates_merge_to_the_same_in_any_order()
    {
        const int Count = 16_000;
        ReadOnlyMemory<byte>[] updates = new ReadOnlyMemory<byte>[Count];
        for (uint i = 0; i < Count; i++)
            updates[i] = Letter(i);
        byte[] merged = YUpdate.MergeUpdates(updates);
        Assert.Equal((uint)Count, YUpdate.ParseUpdateMeta(merged).To[1]);
        Assert.Equal($"0101{ToHex(Count)}", Bytes.ToHex(YUpdate.EncodeStateVectorFromUpdate(merged)));
        Array.Reverse(updates);
        Assert.Equal(merged, YUpdate.MergeUpdates(updates));
        new Random(1).Shuffle(updates);
        Assert.Equal(merged, YUpdate.MergeUpdates(updates));
        ReadOnlyMemory<byte>[] v2 = [.. updates.Select(update => (ReadOnlyMemory<byte>)YUpdate.ConvertV1ToV2(update.Span))];
        Assert.Equal(YUpdate.ConvertV1ToV2(merged), YUpdate.MergeUpdatesV2(v2));
    }

    [Fact]
    public void The_heap_and_the_sorted_list_of_Yjs_agree()
    {
        // Heads at few places, so that there are many ties; GC structs come and go, so that the queue changes its mode.
        Random random = new(7);
        for (int round = 0; round < 200; round++)
        {
            int count = random.Next(2, 90);
            MergeHead[] heads = [.. Enumerable.Range(0, count).Select(_ => Random())];
            List<int> list = [.. Enumerable.Range(0, count)];
            MergeQueue queue = new(count);
            for (int i = 0; i < count; i++)
                queue.Add(i, heads[i]);
            queue.Start();
            V8Sort sort = new(heads);
            while (list.Count > 0)
            {
                int[] items = [.. list];
                sort.Sort(items, items.Length);
                list = [.. items];
                Assert.Equal(list[0], queue.Top);
                if (random.Next(4) == 0)
                {
                    list.RemoveAt(0);
                    queue.RemoveTop();
                }
                else if (random.Next(4) > 0)
                {
                    MergeHead head = Random();
                    heads[list[0]] = head;
                    queue.MoveTop(head);
                }
                else
                {
                    queue.MoveTop(heads[list[0]]);
                }
            }

            Assert.True(queue.IsEmpty);
        }

        MergeHead Random() => new((ulong)random.Next(3), (uint)random.Next(20), random.Next(30) == 0);
    }

    // One letter of client 1, typed behind the one before.
    private static byte[] Letter(uint clock)
    {
        UpdateEncoderV1 encoder = new();
        encoder.Rest.Append([1, 1]);
        encoder.WriteClient(1);
        encoder.Rest.WriteVarUInt(clock);
        encoder.WriteInfo((byte)(clock == 0 ? 0x04 : 0x84));
        if (clock > 0)
        {
            encoder.WriteLeftId(1, clock - 1);
        }
        else
        {
            encoder.WriteParentInfo(isRoot: true);
            encoder.WriteString("t");
        }

        encoder.WriteString("x");
        encoder.Rest.WriteByte(0);
        return encoder.Rest.Written.ToArray();
    }

    private static string ToHex(uint value)
    {
        ByteBuffer buffer = new();
        buffer.WriteVarUInt(value);
        return Bytes.ToHex(buffer.Written);
    }
}
