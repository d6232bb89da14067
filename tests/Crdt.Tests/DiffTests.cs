using Xunit;

namespace CoEdit.Crdt.Tests;

public class DiffTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_diff_for_every_clock_completes_whoever_asks(bool tiny)
    {
        byte[] all = new UpdateBuilder()
            .Section(2, 0).Text("ab").Deleted(3, new Id(1, 0)).Item(StructKind.Any, [4, 126, 120, 121, 127], new Id(2, 1))
            .Section(1, 0).Text("0123456789").Gc(5).Item(StructKind.Json, Bytes.FromHex("03 0131 0132 0133"), new Id(1, 9))
            .Item(StructKind.Embed, Bytes.FromHex("027b7d"), new Id(1, 3), new Id(1, 4)).Text("\u00e9\u20ac", new Id(2, 1))
            .Delete(1, 3, 4)
            .Build();
        UpdateStore store = Stores.New(tiny: tiny);
        store.Apply(all);
        store.CheckInvariants();
        for (uint one = 0; one <= store.StateOf(1) + 1; one++)
        {
            for (uint two = 0; two <= store.StateOf(2) + 1; two++)
            {
                StateVector known = new() { };
                known[1] = one;
                known[2] = two;
                byte[] diff = store.Diff(known);
                Assert.Equal(Bytes.ToHex(diff), Bytes.ToHex(store.EncodeDiff(known.ToArray())));
                List<ClockRange> structs = [];
                List<ClockRange> deletes = [];
                UpdateInfo.ReadRanges(diff, structs, deletes);
                Assert.Equal(store.Deletes(), deletes);
                List<ClockRange> expected = [];
                if (two < store.StateOf(2))
                    expected.Add(new ClockRange(2, two, store.StateOf(2)));
                if (one < store.StateOf(1))
                    expected.Add(new ClockRange(1, one, store.StateOf(1)));
                Assert.Equal(expected, structs);

                // Whoever has the beginning has all of it afterwards, unit by unit.
                UpdateStore behind = Beginning(all, one, two);
                behind.Apply(diff);
                behind.CheckInvariants();
                behind.Compact();
                UpdateStore whole = Stores.From(all);
                whole.Compact();
                Assert.Equal(whole.Hex(), behind.Hex());
            }
        }
    }

    [Fact]
    public void A_diff_of_a_recorded_session_is_what_lies_behind_the_vector()
    {
        foreach (Session session in Session.All)
        {
            UpdateStore store = Stores.From(session.Updates);
            StateVector half = new();
            foreach ((ulong client, uint clock) in store.GetStateVector())
                half[client] = clock / 2;
            byte[] diff = store.Diff(half);
            Assert.Equal(ApplyOutcome.Nothing, store.Apply(diff).Outcome);
            List<ClockRange> structs = [];
            List<ClockRange> deletes = [];
            UpdateInfo.ReadRanges(diff, structs, deletes);
            Assert.Equal(store.Deletes(), deletes);
            Assert.All(structs, range => Assert.Equal((half[range.Client], store.StateOf(range.Client)), (range.Start, range.End)));
            Assert.Equal(structs.OrderByDescending(range => range.Client), structs);
            Assert.Equal(diff.Length < store.EncodeState().Length, half.Count > 0);
        }
    }

    [Fact]
    public void A_bad_state_vector_is_refused_by_the_diff() =>
        Assert.Throws<MalformedUpdateException>(() => new UpdateStore().EncodeDiff(Bytes.FromHex("05 01")));

    [Fact]
    public void Unknown_clients_and_clocks_ahead_of_the_store_do_not_matter()
    {
        UpdateStore store = Stores.From(new UpdateBuilder().Section(1, 0).Text("ab").Delete(1, 0, 1).Build());
        StateVector known = new() { };
        known[1] = 99;
        known[5] = 3;
        Assert.Equal(Bytes.ToHex(new UpdateBuilder().Delete(1, 0, 1).Build()), Bytes.ToHex(store.Diff(known)));
    }

    // A replica that has only the first units of both clients.
    private static UpdateStore Beginning(byte[] all, uint one, uint two)
    {
        UpdateStore whole = new();
        whole.Apply(all);
        UpdateStore behind = new();
        foreach ((ulong client, uint end) in new[] { (1UL, one), (2UL, two) })
        {
            uint to = Math.Min(end, whole.StateOf(client));
            if (to > 0)
                behind.Apply(Cut(whole, client, to));
        }

        return behind;
    }

    private static byte[] Cut(UpdateStore whole, ulong client, uint to)
    {
        StateVector others = whole.GetStateVector();
        others[client] = 0;
        byte[] update = whole.Diff(others);
        Lib0Reader reader = new(update);
        reader.ReadVarUInt();
        reader.ReadVarUInt();
        reader.ReadVarUInt();
        reader.ReadVarUInt();
        uint clock = 0;
        int count = 0;
        StructView view = default;
        System.Buffers.ArrayBufferWriter<byte> body = new();
        WireWriter writer = new(body);
        while (clock < to)
        {
            StructReader.Read(ref reader, ref view);
            StructSlicer.Write(update, view, client, clock, 0, Math.Min(view.Length, to - clock), ref writer);
            clock += view.Length;
            count++;
        }

        writer.Flush();
        return UpdateBuilder.Content(target =>
        {
            target.WriteVarUInt(1);
            target.WriteVarUInt((ulong)count);
            target.WriteVarUInt(client);
            target.WriteVarUInt(0);
            target.WriteRaw(body.WrittenSpan);
            target.WriteVarUInt(0);
        });
    }
}
