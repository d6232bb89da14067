using Xunit;

namespace CoEdit.Crdt.Tests;

/// <summary>Real updates, damaged in every way that is cheap to think of. Seeds are fixed, so a failure repeats.</summary>
public class FuzzTests
{
    [Fact]
    public void A_truncated_update_is_refused_at_every_byte()
    {
        foreach (Session session in Session.All)
        {
            UpdateStore empty = new();
            for (int length = 0; length < session.State.Length; length++)
                Assert.Throws<MalformedUpdateException>(() => empty.Apply(session.State.AsSpan(0, length)));
            Assert.True(empty.IsEmpty);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Damaged_updates_are_refused_or_applied_but_never_break_the_store(int seed)
    {
        Random random = new(seed);
        List<byte[]> pool = [.. Session.All.SelectMany(session => session.Updates), .. Session.All.Select(session => session.State)];
        UpdateStoreOptions options = new() { MaxPendingStructs = 200, MaxPendingBytes = 10_000, MaxDeletedRun = 10_000 };
        foreach (Session session in Session.All)
        {
            UpdateStore store = new(options, seed == 1 ? Stores.Tiny : ChunkSizes.Default);
            foreach (byte[] update in session.Updates)
            {
                for (int i = 0; i < 6; i++)
                    Try(store, Damage(random, update, pool));
                store.Apply(update, UpdateSource.Trusted);
                store.CheckInvariants();
                if (random.Next(40) == 0)
                    store.Compact();
            }

            UpdateStore copy = new(options);
            copy.Apply(store.EncodeState(), UpdateSource.Trusted);
            copy.CheckInvariants();
            Assert.Equal(store.EncodeState(), copy.EncodeState());
        }
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public void Random_bytes_are_refused_or_applied(int seed)
    {
        Random random = new(seed);
        UpdateStore store = new();
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bytes = new byte[random.Next(40)];
            random.NextBytes(bytes);
            // Small numbers are what gets far.
            for (int k = 0; k < bytes.Length; k++)
                bytes[k] = random.Next(4) == 0 ? bytes[k] : (byte)(bytes[k] & 7);
            Try(store, bytes);
            if (random.Next(500) == 0)
                store.CheckInvariants();
        }

        store.CheckInvariants();
        store.Compact();
        store.CheckInvariants();
    }

    private static void Try(UpdateStore store, byte[] update)
    {
        byte[] before = store.EncodeState();
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        bool refused = false;
        ApplyResult result = default;
        try
        {
            result = store.Apply(update);
        }
        catch (Exception exception) when (exception is MalformedUpdateException or UpdateLimitException)
        {
            refused = true;
        }

        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        Assert.True(allocated <= (64L * update.Length) + 262_144, $"{allocated} bytes for {update.Length}");
        if (refused || result.Outcome == ApplyOutcome.Nothing)
        {
            Assert.Equal(before, store.EncodeState());
        }
        else
        {
            // The new part alone takes a replica of the old state to the new one.
            UpdateStore replica = new();
            replica.Apply(before, UpdateSource.Trusted);
            replica.Apply(store.NovelPart(), UpdateSource.Trusted);
            Assert.Equal(store.EncodeStateVector(), replica.EncodeStateVector());
            Assert.Equal(store.Deletes(), replica.Deletes());
        }
    }

    internal static byte[] Damage(Random random, byte[] update, List<byte[]> pool)
    {
        byte[] bytes = [.. update];
        switch (random.Next(6))
        {
            case 0:
                for (int i = random.Next(1, 4); i > 0; i--)
                    bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                break;
            case 2:
                bytes[random.Next(bytes.Length)]++;
                break;
            case 3:
                byte[] other = pool[random.Next(pool.Count)];
                bytes = [.. bytes[..random.Next(bytes.Length)], .. other[random.Next(other.Length)..]];
                break;
            case 4:
                int at = random.Next(bytes.Length);
                bytes = [.. bytes[..at], .. Bytes.FromHex("ffffffffffffff0f"), .. bytes[at..]];
                break;
            default:
                int from = random.Next(bytes.Length);
                bytes = [.. bytes[..from], .. bytes[Math.Min(bytes.Length, from + random.Next(1, 4))..]];
                break;
        }

        return bytes;
    }
}
