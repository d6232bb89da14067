using Xunit;

namespace CoEdit.Crdt.Tests;

/// <summary>
/// Documents that nobody watches take short ways through typing and deleting. Beside each stands one with an observer, which takes the long way: both have
/// to send the same updates and to consist of the same structs.
/// </summary>
public sealed class ShortWayTests
{
    private const int Authors = 2;
    private const int Steps = 300;

    [Fact]
    public void Unwatched_documents_have_the_same_structs_and_send_the_same_updates_as_watched_ones() => RandomRounds.Run((random, operations) =>
    {
        Pair[] authors = [.. Enumerable.Range(0, Authors).Select(number => new Pair((ulong)number + 1, listens: true))];
        Pair reader = new(9, listens: false);
        Queue<byte[]>[] inboxes = [.. authors.Select(_ => new Queue<byte[]>())];
        int caret = 0;
        for (int step = 0; step < Steps; step++)
        {
            int at = random.Next(Authors);
            Pair author = authors[at];
            if (random.Next(4) == 0 && inboxes[at].TryDequeue(out byte[]? update))
            {
                operations.Add($"{at} receives");
                author.Receive(update);
            }
            else
            {
                Edit(random, operations, author, at, ref caret);
            }

            while (author.TryTakeUpdate(out byte[]? made))
            {
                inboxes[1 - at].Enqueue(made);
                reader.Receive(made);
            }

            author.Check();
            reader.Check();
        }
    });

    private static void Edit(Random random, List<string> operations, Pair author, int at, ref int caret)
    {
        caret = random.Next(6) == 0 ? random.Next(author.Length + 1) : Math.Min(caret, author.Length);
        int position = caret;
        switch (random.Next(10))
        {
            case < 5:
                string text = random.Next(8) == 0 ? "\U0001F600" : new string((char)('a' + random.Next(26)), random.Next(1, 4));
                operations.Add($"{at} types '{text}' at {position}");
                author.Change(document => document.Insert(position, text));
                caret += text.Length;
                break;
            case < 9 when caret > 0:
                int length = random.Next(3) == 0 ? random.Next(1, Math.Min(caret, 5) + 1) : 1;
                operations.Add($"{at} deletes {length} before {position}");
                author.Change(document => document.Delete(position - length, length));
                caret -= length;
                break;
            case 9 when caret > 0 && author.Length > caret:
                operations.Add($"{at} replaces the unit before {position} and deletes the one behind it");
                author.Transact(document =>
                {
                    document.Delete(position - 1, 1);
                    document.Insert(position - 1, "r");
                    document.Delete(position, 1);
                });
                break;
        }
    }

    private sealed class Pair
    {
        private readonly YDoc _short;
        private readonly YDoc _long;
        private readonly Queue<byte[]> _shortUpdates = new();
        private readonly Queue<byte[]> _longUpdates = new();

        public Pair(ulong client, bool listens)
        {
            _short = new YDoc(new YDocOptions { ClientId = client });
            _long = new YDoc(new YDocOptions { ClientId = client });
            _long.AfterTransaction += _ => { };
            if (!listens)
                return;
            _short.Updated += (update, _) => _shortUpdates.Enqueue(update.ToArray());
            _long.Updated += (update, _) => _longUpdates.Enqueue(update.ToArray());
        }

        public int Length => _short.GetText("t").Length;

        public void Change(Action<YText> change)
        {
            change(_short.GetText("t"));
            change(_long.GetText("t"));
        }

        public void Transact(Action<YText> change)
        {
            _short.Transact(_ => change(_short.GetText("t")));
            _long.Transact(_ => change(_long.GetText("t")));
        }

        // What others sent is not sent on.
        public void Receive(byte[] update)
        {
            _short.ApplyUpdate(update);
            _long.ApplyUpdate(update);
            CheckUpdates(_shortUpdates, _longUpdates);
            _shortUpdates.Clear();
            _longUpdates.Clear();
        }

        public bool TryTakeUpdate(out byte[] update)
        {
            CheckUpdates(_shortUpdates, _longUpdates);
            _longUpdates.TryDequeue(out _);
            bool taken = _shortUpdates.TryDequeue(out byte[]? next);
            update = next ?? [];
            return taken;
        }

        public void Check()
        {
            Assert.Equal(_long.EncodeStateAsUpdate(), _short.EncodeStateAsUpdate());
            Assert.Equal(_long.GetText("t").ToString(), _short.GetText("t").ToString());
            DocInvariants.Check(_short);
        }

        private static void CheckUpdates(Queue<byte[]> first, Queue<byte[]> second)
        {
            Assert.Equal(second.Count, first.Count);
            foreach ((byte[] one, byte[] other) in first.Zip(second))
                Assert.Equal(other, one);
        }
    }
}
