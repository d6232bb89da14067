using Xunit;

namespace CoEdit.Crdt.Tests;

/// <summary>Several documents whose updates reach each other late, in any order, twice, joined, converted or as a difference.</summary>
internal sealed class Network
{
    private readonly Random _random;
    private readonly List<string> _operations;
    private readonly List<byte[]>[] _inboxes;
    private readonly List<byte[]> _all = [];

    public Network(Random random, List<string> operations, int replicas = 3)
    {
        _random = random;
        _operations = operations;
        Docs = new YDoc[replicas];
        _inboxes = new List<byte[]>[replicas];
        for (int i = 0; i < replicas; i++)
        {
            int self = i;
            _inboxes[i] = [];
            Docs[i] = new YDoc(new YDocOptions { ClientId = (ulong)(replicas - i) * 1000, Gc = random.Next(4) > 0 });
            Docs[i].Updated += (update, transaction) => Send(self, update.ToArray(), transaction.IsLocal);
        }
    }

    public YDoc[] Docs { get; }

    /// <summary>Gives a replica something that waits for it. Returns false when there is nothing.</summary>
    public bool Deliver(int to)
    {
        List<byte[]> inbox = _inboxes[to];
        if (inbox.Count == 0)
            return false;
        int kind = _random.Next(10);
        int at = _random.Next(inbox.Count);
        if (kind < 4)
        {
            _operations.Add($"{to} gets {at} of {inbox.Count}");
            Apply(to, inbox[at]);
            inbox.RemoveAt(at);
        }
        else if (kind < 5)
        {
            _operations.Add($"{to} gets {at} of {inbox.Count}, not for the last time");
            Apply(to, inbox[at]);
        }
        else if (kind < 7)
        {
            int count = _random.Next(1, inbox.Count + 1);
            _random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(inbox));
            byte[] merged = YUpdate.MergeUpdates([.. inbox.Take(count).Select(update => (ReadOnlyMemory<byte>)update)]);
            _operations.Add($"{to} gets {count} of {inbox.Count} joined: {Bytes.ToHex(merged)}");
            Apply(to, merged);
            inbox.RemoveRange(0, count);
        }
        else if (kind < 9)
        {
            _operations.Add($"{to} gets {at} of {inbox.Count} as v2");
            Docs[to].ApplyUpdateV2(YUpdate.ConvertV1ToV2(inbox[at]), "network");
            DocInvariants.Check(Docs[to]);
            inbox.RemoveAt(at);
        }
        else
        {
            int from = _random.Next(Docs.Length);
            byte[] difference = Docs[from].EncodeStateAsUpdate(Docs[to].EncodeStateVector());
            _operations.Add($"{to} gets the difference to {from}: {Bytes.ToHex(difference)}");
            Apply(to, difference);
        }

        return true;
    }

    /// <summary>Delivers everything and compares the replicas with each other and with copies made in other ways.</summary>
    public void Converge(Func<YDoc, string> view)
    {
        for (bool any = true; any;)
        {
            any = false;
            for (int i = 0; i < Docs.Length; i++)
                any |= Deliver(i);
        }

        string expected = view(Docs[0]);
        foreach (YDoc doc in Docs)
        {
            Assert.False(doc.HasPending);
            Assert.Equal(expected, view(doc));
            Assert.Equal(Docs[0].EncodeStateVector(), doc.EncodeStateVector());
            DocInvariants.Check(doc);
            Assert.Equal(expected, view(Copy(doc.EncodeStateAsUpdate())));
            YDoc second = new(new YDocOptions { CleanupFormatting = false });
            second.ApplyUpdateV2(doc.EncodeStateAsUpdateV2());
            Assert.Equal(expected, view(second));
        }

        UpdateStore store = Stores.From([.. _all]);
        Assert.Equal(expected, view(Copy(store.EncodeState())));
        store.Compact();
        YDoc compacted = Copy(store.EncodeState());
        Assert.Equal(expected, view(compacted));
        Assert.Equal(Docs[0].EncodeStateVector(), compacted.EncodeStateVector());
        if (_all.Count > 0)
            Assert.Equal(expected, view(Copy(YUpdate.MergeUpdates([.. _all.Select(update => (ReadOnlyMemory<byte>)update)]))));
    }

    private static YDoc Copy(byte[] state)
    {
        YDoc copy = new(new YDocOptions { CleanupFormatting = false });
        copy.ApplyUpdate(state);
        Assert.False(copy.HasPending);
        DocInvariants.Check(copy);
        return copy;
    }

    private void Apply(int to, byte[] update)
    {
        Docs[to].ApplyUpdate(update, "network");
        DocInvariants.Check(Docs[to]);
    }

    // Some replicas relay what they get; what brings nothing new is not told again, so this ends.
    private void Send(int from, byte[] update, bool isLocal)
    {
        _all.Add(update);
        if (!isLocal && _random.Next(6) > 0)
            return;
        for (int i = 0; i < _inboxes.Length; i++)
        {
            if (i != from)
                _inboxes[i].Add(update);
        }
    }
}
