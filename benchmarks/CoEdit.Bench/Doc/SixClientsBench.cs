using CoEdit.Crdt;

namespace CoEdit.Bench;

/// <summary>R: the updates of six authors who edit at random places, in the order of their making, into one fresh replica.</summary>
internal static class SixClientsBench
{
    public static byte[] Run(DocRun run)
    {
        var updates = new List<(int Author, byte[] Update)>();
        byte[] latest = [];
        int[] seen = new int[SixClients.Clients];
        Replica[] authors = new Replica[SixClients.Clients];
        for (int i = 0; i < authors.Length; i++)
            authors[i] = run.Create(i, (update, _) => latest = update.ToArray());

        void CatchUp(int author)
        {
            for (; seen[author] < updates.Count; seen[author]++)
            {
                (int from, byte[] update) = updates[seen[author]];
                if (from != author)
                    authors[author].Apply(update);
            }
        }

        foreach (RandomStep step in SixClients.Make())
        {
            if (step.CatchesUp)
                CatchUp(step.Client);
            YText text = authors[step.Client].Text;
            int length = text.Length;
            int position = (int)Math.Floor(step.Place / 4294967296.0 * ((double)length + 1));
            if (step.Text.Length > 0)
                text.Insert(position, step.Text);
            else if (position < length)
                text.Delete(position, Math.Min(step.Deleted, length - position));
            else
                continue;
            updates.Add((step.Client, latest));
        }

        for (int i = 0; i < authors.Length; i++)
            CatchUp(i);
        string result = authors[0].Text.ToString();
        if (authors.Any(author => author.Text.ToString() != result))
            throw new WrongResultException("the authors hold different texts after they exchanged everything");
        byte[][] all = [.. updates.Select(update => update.Update)];
        return ConcurrentBench.Run(run, all, Expectation.Of(result, authors[0].Doc.GetStateVector()));
    }
}
