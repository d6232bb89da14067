using System.Reflection;
using CoEdit.Testing;
using Xunit;

namespace CoEdit.Crdt.Tests;

/// <summary>Forks among real documents: none where everybody is honest, all where one letter was changed.</summary>
public class HonestCopyTests
{
    [Fact]
    public void CRD7_no_mix_of_honest_copies_is_taken_for_a_fork()
    {
        foreach ((string name, List<byte[]> copies) in ReadCopies())
        {
            for (int seed = 1; seed <= 20; seed++)
                Assert.Null(Named(name, HonestCopies.Deliver(copies, seed)));
        }

        foreach (Session session in Session.All)
        {
            for (int seed = 1; seed <= 10; seed++)
                Assert.Null(Named(session.Name, HonestCopies.Deliver([.. session.Updates, session.State], seed)));
        }
    }

    [Fact]
    public void CRD7_one_changed_letter_anywhere_in_a_real_document_is_found_exactly_there()
    {
        Random random = new(7);
        int found = 0;
        foreach (Session session in Session.All)
        {
            foreach (bool tiny in new[] { false, true })
            {
                UpdateStore store = Stores.New(new UpdateStoreOptions { DetectForks = true }, tiny);
                foreach (byte[] update in session.Updates)
                    store.Apply(update);
                store.Compact();
                string before = store.Hex();
                foreach ((int offset, Id unit) in Letters(session.State, store).Where(_ => random.Next(3) == 0))
                {
                    byte[] forged = (byte[])session.State.Clone();
                    forged[offset] ^= 1;
                    Assert.Equal(unit, ForkIn(store, forged));
                    Assert.Equal(unit, ForkIn(store, YUpdate.ConvertV2ToV1(YUpdate.ConvertV1ToV2(forged))));
                    StateVector inside = new();
                    inside[unit.Client] = unit.Clock;
                    Assert.Equal(unit, ForkIn(store, YUpdate.DiffUpdate(forged, inside.ToArray())));
                    found++;
                }

                Assert.Equal(before, store.Hex());
                store.CheckInvariants();
            }
        }

        Assert.True(found > 100);
    }

    private static Id ForkIn(UpdateStore store, byte[] update)
    {
        ForkedUpdateException fork = Assert.Throws<ForkedUpdateException>(() => store.Apply(update));
        return new Id(fork.Client, fork.Clock);
    }

    // Letters of the Latin alphabet in texts that the store has not forgotten.
    private static List<(int Offset, Id Unit)> Letters(byte[] state, UpdateStore store)
    {
        List<ClockRange> deleted = store.Deletes();
        UpdateScan scan = new();
        UpdateScanner.Scan(state, null, scan);
        List<(int Offset, Id Unit)> letters = [];
        foreach (UpdateScan.Run run in scan.Runs.Items)
        {
            Lib0Reader reader = new(state);
            reader.Skip(run.Offset);
            StructView view = default;
            uint clock = run.Start;
            while (clock < run.End)
            {
                StructReader.Read(ref reader, ref view);
                for (int i = 0; view.Kind == StructKind.String && view.End - view.Payload == view.Length && i < view.Length; i++)
                {
                    Id unit = new(run.Client, clock + (uint)i);
                    if (char.IsAsciiLetter((char)state[view.Payload + i]) && !deleted.Any(range => range.Client == unit.Client && range.Start <= unit.Clock && unit.Clock < range.End))
                        letters.Add((view.Payload + i, unit));
                }

                clock += view.Length;
            }
        }

        return letters;
    }

    private static List<(string Name, List<byte[]> Copies)> ReadCopies()
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("copies.txt")!;
        using StreamReader reader = new(stream);
        List<(string Name, List<byte[]> Copies)> documents = [];
        while (reader.ReadLine() is { } line)
        {
            string[] parts = line.Split(' ');
            if (parts[0] == "copies")
                documents.Add((parts[1], []));
            else
                documents[^1].Copies.Add(Convert.FromBase64String(parts[1]));
        }

        return documents;
    }

    private static string? Named(string name, string? fork) => fork is null ? null : $"{name}, {fork}";
}
