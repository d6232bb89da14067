using Xunit;

namespace CoEdit.Crdt.Tests;

/// <summary>Runs of values that are cut, joined and given up in any order, against plain arrays.</summary>
public sealed class ContentArenaTests
{
    [Fact]
    public void Runs_keep_their_values_however_they_are_cut_and_joined() => RandomRounds.Run((random, operations) =>
    {
        ContentArena arena = new();
        List<(int Record, byte[] Values)> runs = [];
        byte number = 0;
        for (int step = 0; step < 400; step++)
        {
            int at = random.Next(Math.Max(1, runs.Count));
            int kind = runs.Count < 2 ? 0 : random.Next(5);
            operations.Add($"{kind} {at}");
            switch (kind)
            {
                case 0:
                    byte[] values = new byte[random.Next(1, step % 10 == 0 ? 1_500 : 5)];
                    for (int i = 0; i < values.Length; i++)
                        values[i] = number++;
                    runs.Add((arena.Add(Encode(values)), values));
                    break;
                case 1 or 2 when runs[at].Values.Length > 1:
                    int cut = random.Next(1, runs[at].Values.Length);
                    int rest = arena.Split(runs[at].Record, arena.OffsetOf(StructKind.Any, runs[at].Record, cut));
                    runs.Insert(at + 1, (rest, runs[at].Values[cut..]));
                    runs[at] = (runs[at].Record, runs[at].Values[..cut]);
                    break;
                case 3 when at + 1 < runs.Count:
                    int seam = runs[at].Values.Length;
                    runs[at] = (arena.Join(runs[at].Record, runs[at + 1].Record, seam), [.. runs[at].Values, .. runs[at + 1].Values]);
                    runs.RemoveAt(at + 1);
                    Assert.Equal(Encode(runs[at].Values.AsSpan(0, seam)).Length, arena.OffsetOf(StructKind.Any, runs[at].Record, seam));
                    break;
                case 4:
                    arena.Free(runs[at].Record);
                    runs.RemoveAt(at);
                    break;
            }

            if (arena.WantsCompaction)
            {
                ContentArena compacted = new();
                for (int i = 0; i < runs.Count; i++)
                    runs[i] = (compacted.Add(arena.Get(runs[i].Record)), runs[i].Values);
                arena.ReplaceBy(compacted);
            }

            foreach ((int record, byte[] expected) in runs)
            {
                Assert.Equal(Encode(expected), arena.Get(record).ToArray());
                int value = random.Next(expected.Length);
                Assert.Equal(Encode(expected.AsSpan(0, value)).Length, arena.OffsetOf(StructKind.Any, record, value));
            }
        }
    });

    // Every third value is longer than the others.
    private static byte[] Encode(ReadOnlySpan<byte> values)
    {
        ByteBuffer buffer = new();
        foreach (byte value in values)
            AnyCodec.Write(buffer, value % 3 == 0 ? value.ToString("000", System.Globalization.CultureInfo.InvariantCulture) : (YValue)value);
        return buffer.Written.ToArray();
    }
}
