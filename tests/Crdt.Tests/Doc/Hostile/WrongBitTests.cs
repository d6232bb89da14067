using System.Text.Json;
using Xunit;

namespace CoEdit.Crdt.Tests;

/// <summary>Real updates with wrong bits: refused without a trace, or applied as what they have become.</summary>
public sealed class WrongBitTests
{
    // Two peers that use one client id for different things, as damaged updates do. The second continues a run of the first.
    [Theory]
    [InlineData("0101 01 00 00 01 00", "a GC struct")]
    [InlineData("0101 01 00 04 01 0175 01 78 00", "a text of another root")]
    [InlineData("0101 01 00 28 01 0161 016b 01 78 00", "the value of a key")]
    [InlineData("0102 01 00 27 01 0161 016b 00 04 00 01 00 01 79 00", "a nested type")]
    public void A_run_that_continues_something_else_leaves_a_sound_document(string first, string why)
    {
        YDoc doc = new(new YDocOptions { ClientId = 77 });
        YArray array = doc.GetArray("a");
        doc.ApplyUpdate(Bytes.FromHex(first));
        doc.ApplyUpdate(Bytes.FromHex("0101 01 00 08 01 0161 04 7d01 7d02 7d03 7d04 00"));
        Assert.Equal(4U, doc.GetStateVector()[1]);
        Assert.True(array.Count == array.ToArray().Length, why);
        DocInvariants.Check(doc);
    }

    [Fact]
    public void A_wrong_bit_anywhere_is_refused_without_a_trace_or_leaves_a_sound_document()
    {
        foreach ((byte[] v1, byte[] v2) in TruncatedUpdateTests.States().Where(state => state.V1.Length < 120))
        {
            Flip(v1, (doc, update) => doc.ApplyUpdate(update));
            Flip(v2, (doc, update) => doc.ApplyUpdateV2(update));
        }
    }

    [Fact]
    public void Damaged_updates_of_a_session_leave_the_document_sound() => RandomRounds.Run((random, operations) =>
    {
        YDoc doc = new(new YDocOptions { ClientId = 77 });
        foreach (JsonElement scenario in RecordedBehaviourTests.Scenarios().Values)
        {
            foreach (JsonElement result in scenario.GetProperty("results").EnumerateArray())
            {
                foreach (string hex in result.GetProperty("updates").EnumerateArray().Select(update => update.GetString()!))
                {
                    byte[] update = Bytes.FromHex(hex);
                    for (int i = random.Next(3); i > 0; i--)
                        update[random.Next(update.Length)] = random.Next(2) == 0 ? (byte)random.Next(8) : (byte)random.Next(256);
                    operations.Add(Bytes.ToHex(update));
                    byte[]? before = random.Next(5) == 0 ? doc.EncodeStateAsUpdate() : null;
                    if (!TryApply(() => doc.ApplyUpdate(update), update.Length) && before is not null)
                        Assert.Equal(before, doc.EncodeStateAsUpdate());
                }
            }

            DocInvariants.Check(doc);
        }

        CheckSound(doc);
        doc.GetText("another").Insert(0, "still usable");
        Assert.Equal("still usable", doc.GetText("another").ToString());
    });

    private static void Flip(byte[] update, Action<YDoc, byte[]> apply)
    {
        byte[] damaged = [.. update];
        for (int bit = 0; bit < 8 * update.Length; bit++)
        {
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            YDoc doc = new(new YDocOptions { ClientId = 77 });
            if (TryApply(() => apply(doc, damaged), damaged.Length))
                CheckSound(doc);
            else
                Assert.Equal("0000", Bytes.ToHex(doc.EncodeStateAsUpdate()));

            // The right one still works behind the wrong one.
            apply(doc, update);
            DocInvariants.Check(doc);
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    private static bool TryApply(Action apply, int length)
    {
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        bool applied = true;
        try
        {
            apply();
        }
        catch (MalformedUpdateException)
        {
            applied = false;
        }

        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        Assert.True(allocated <= (64L * length) + 262_144, $"{allocated} bytes for {length}");
        return applied;
    }

    // Written and read again it is the same document.
    private static void CheckSound(YDoc doc)
    {
        DocInvariants.Check(doc);
        YDoc copy = new(new YDocOptions { CleanupFormatting = false });

        // In v2, for a wrong bit there can make a value that v1 has no form for.
        copy.ApplyUpdateV2(doc.EncodeStateAsUpdateV2());
        DocInvariants.Check(copy);
        if (!doc.HasPending)
        {
            Assert.False(copy.HasPending);
            Assert.Equal(doc.EncodeStateVector(), copy.EncodeStateVector());
        }
    }
}
