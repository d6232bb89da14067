using CoEdit.Crdt;

namespace CoEdit.Testing;

/// <summary>Delivers copies of one document as honest clients and servers do: any of them, in any order, merged, cut, converted, compacted.</summary>
public static class HonestCopies
{
    private static readonly UpdateStoreOptions Detecting = new() { DetectForks = true };

    /// <summary>Null when nobody was accused, else who was and for what.</summary>
    public static string? Deliver(IReadOnlyList<byte[]> copies, int seed)
    {
        Random random = new(seed);
        UpdateStore store = new(Detecting);
        UpdateStore elsewhere = new(Detecting);
        List<byte[]> vectors = [];
        try
        {
            for (int round = 0; round < 2; round++)
            {
                byte[][] order = [.. copies];
                random.Shuffle(order);
                foreach (byte[] copy in order)
                {
                    byte[] update = Vary(copy, copies, vectors, elsewhere, random);
                    if (random.Next(3) > 0)
                        store.Apply(update);
                    if (random.Next(3) > 0)
                        elsewhere.Apply(update);
                    if (random.Next(4) == 0)
                        vectors.Add((random.Next(2) == 0 ? store : elsewhere).EncodeStateVector());
                    if (random.Next(10) == 0)
                        store.Compact();
                    if (random.Next(20) == 0)
                        store = Reload(store);
                }
            }

            store.Apply(elsewhere.EncodeState());
            elsewhere.Apply(store.EncodeState());
            return null;
        }
        catch (ForkedUpdateException fork)
        {
            return $"seed {seed}: {fork.Message}";
        }
    }

    private static byte[] Vary(byte[] copy, IReadOnlyList<byte[]> copies, List<byte[]> vectors, UpdateStore elsewhere, Random random)
    {
        switch (random.Next(8))
        {
            case 0:
                return YUpdate.ConvertV2ToV1(YUpdate.ConvertV1ToV2(copy));
            case 1 or 2:
                byte[] second = copies[random.Next(copies.Count)];
                byte[] third = copies[random.Next(copies.Count)];
                return YUpdate.MergeUpdates([copy, second, third]);
            case 3 when vectors.Count > 0:
                return YUpdate.DiffUpdate(copy, vectors[random.Next(vectors.Count)]);
            case 4 when vectors.Count > 0:
                return elsewhere.EncodeDiff(vectors[random.Next(vectors.Count)]);
            case 5:
                elsewhere.Compact();
                return elsewhere.EncodeState();
            default:
                return copy;
        }
    }

    private static UpdateStore Reload(UpdateStore store)
    {
        UpdateStore again = new(Detecting);
        again.Apply(store.EncodeState(), UpdateSource.Trusted);
        return again;
    }
}
