using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace CoEdit.Crdt.Tests;

/// <summary>Order, repetition and grouping of updates must not matter.</summary>
public class ConvergenceTests
{
    [Fact]
    public void Any_order_with_any_repetition_ends_in_the_same_state()
    {
        foreach (Session session in Session.All)
        {
            UpdateStore reference = Stores.From(session.Updates);
            Prop.ForAll<int>(seed =>
            {
                Random random = new(seed);
                byte[][] order = [.. session.Updates, .. session.Updates.Where(_ => random.Next(4) == 0)];
                random.Shuffle(order);
                UpdateStore store = Stores.New(tiny: random.Next(2) == 0);
                foreach (byte[] update in order)
                    store.Apply(update, UpdateSource.Trusted);
                store.CheckInvariants();
                return !store.HasPending
                    && store.EncodeStateVector().AsSpan().SequenceEqual(reference.EncodeStateVector())
                    && store.Deletes().SequenceEqual(reference.Deletes());
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(15));
        }
    }

    [Fact]
    public void Two_stores_that_exchange_diffs_end_in_the_same_state()
    {
        foreach (Session session in Session.All)
        {
            Prop.ForAll<int>(seed =>
            {
                Random random = new(seed);
                UpdateStore left = Stores.New(tiny: true);
                UpdateStore right = new();
                foreach (byte[] update in session.Updates)
                {
                    (random.Next(2) == 0 ? left : right).Apply(update, UpdateSource.Trusted);
                    if (random.Next(20) == 0)
                        right.Apply(left.EncodeDiff(right.EncodeStateVector()), UpdateSource.Trusted);
                    if (random.Next(20) == 0)
                        left.Compact();
                }

                right.Apply(left.EncodeDiff(right.EncodeStateVector()), UpdateSource.Trusted);
                left.Apply(right.EncodeDiff(left.EncodeStateVector()), UpdateSource.Trusted);
                left.CheckInvariants();
                right.CheckInvariants();
                return !left.HasPending
                    && left.EncodeStateVector().AsSpan().SequenceEqual(session.StateVector)
                    && right.EncodeStateVector().AsSpan().SequenceEqual(session.StateVector)
                    && left.Deletes().SequenceEqual(right.Deletes())
                    && left.Apply(right.EncodeState()).Outcome == ApplyOutcome.Nothing;
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(15));
        }
    }

    [Fact]
    public void Delete_ranges_behave_like_a_set_of_clocks()
    {
        Prop.ForAll<Tuple<byte, byte, bool>[]>(steps =>
        {
            DeleteRanges ranges = new();
            HashSet<uint> model = [];
            foreach ((byte start, byte length, bool many) in steps ?? [])
            {
                uint from = start;
                uint to = from + length + 1u;
                ScratchList<ClockRange> missing = default;
                int cursor = -1;
                // Many: every other clock, so that there are enough pieces for the merging way.
                uint step = many ? 2u : to - from;
                for (uint at = from; at < to; at += step)
                    ranges.CollectMissing(1, at, many ? at + 1 : to, ref cursor, ref missing);
                ranges.AddMissing(missing.Items);
                for (uint at = from; at < to; at += many ? 2u : 1u)
                    model.Add(at);
            }

            for (uint clock = 0; clock < 600; clock++)
            {
                bool deleted = model.Contains(clock);
                if (ranges.Contains(clock, clock + 1) != deleted || ranges.Intersects(clock, clock + 1) != deleted)
                    return false;
            }

            for (int i = 1; i < ranges.Count; i++)
            {
                if (ranges.Ranges[i - 1].End >= ranges.Ranges[i].Start)
                    return false;
            }

            return ranges.End == (model.Count == 0 ? 0 : model.Max() + 1);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));
    }
}
