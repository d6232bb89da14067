using System.Text;
using Xunit;
using static CoEdit.Crdt.Tests.UpdateBuilder;

namespace CoEdit.Crdt.Tests;

/// <summary>Every kind of struct and content: what is legal is kept byte for byte, what would make a client throw is refused.</summary>
public class ContentTests
{
    public static TheoryData<int, string> Legal => new()
    {
        { 2, "02 09756e646566696e6564 0131" },                          // JSON: undefined, 1
        { 3, "00" },                                                    // Binary, empty
        { 3, "03 010203" },
        { 4, "05 68656c6c6f" },
        { 4, "04 f09f9880" },                                           // an emoji: two units
        { 5, "0b 7b22696d67223a2275227d" },                             // {"img":"u"}
        { 6, "04 626f6c64 04 74727565" },
        { 6, "04 626f6c64 07 225c7564383322" + "" },                    // "\ud83": see below, replaced in the test
        { 7, "00" }, { 7, "01" }, { 7, "02" }, { 7, "03 0170" }, { 7, "04" }, { 7, "05 0168" }, { 7, "06" },
        { 8, "0c 7f 7e 7d01 7c3f000000 7b3fb999999999999a 7a0000000000000001 79 78 770161 760101617d02 75027d017d02 740102" },
        { 8, "01 7d40" },
        { 9, "04 73756231 7600" },
        { 9, "04 73756231 7603 026763 79 086175746f4c6f6164 78 046d657461 7601 0161 7d01" },
    };

    public static TheoryData<int, string, string> Illegal => new()
    {
        { 1, "00", "Deleted without length" },
        { 2, "00", "JSON without elements" },
        { 2, "01 01 7b", "JSON that is none" },
        { 2, "ffffffff07", "JSON with more elements than bytes" },
        { 3, "05 01", "Binary cut off" },
        { 4, "00", "String without text" },
        { 4, "01 ff", "String that is no UTF-8" },
        { 5, "01 7b", "Embed that is no JSON" },
        { 5, "00", "Embed without JSON" },
        { 5, "03 312032", "Embed with two values" },
        { 6, "01 61 09 756e646566696e6564", "Format with undefined" },
        { 6, "01 ff 04 74727565", "Format with a bad key" },
        { 7, "07", "Type of a kind Yjs 13 does not know" },
        { 7, "03", "XmlElement without name" },
        { 8, "00", "Any without values" },
        { 8, "01 73", "Any with an unknown tag" },
        { 8, "02 7e", "Any cut off" },
        { 8, "01 7c3f00", "float cut off" },
        { 8, "01 75ffffffffffffff0f", "array of 2^53 elements" },
        { 8, "01 76ffffffffffffff0f", "object of 2^53 members" },
        { 8, "01 7dffffffffffffff7f", "integer above 53 bits" },
        { 9, "01 61 7e", "Doc with null options" },
        { 9, "01 61", "Doc without options" },
        { 11, "01", "unknown kind" },
        { 31, "01", "unknown kind" },
    };

    [Theory]
    [MemberData(nameof(Legal))]
    public void Legal_content_is_kept_byte_for_byte(int kind, string content)
    {
        byte[] bytes = content.Contains("225c75643833", StringComparison.Ordinal)
            ? Content(writer => { writer.WriteVarString("bold"); writer.WriteVarString("\"\\ud83d\""); })
            : Bytes.FromHex(content);
        foreach (byte[] update in new[]
        {
            new UpdateBuilder().Section(1, 0).Item((StructKind)kind, bytes).Build(),
            new UpdateBuilder().Section(1, 0).Item((StructKind)kind, bytes, key: "key").Build(),
            new UpdateBuilder().Section(1, 0).Text("x").Item((StructKind)kind, bytes, right: new Id(1, 0)).Build(),
            new UpdateBuilder().Section(1, 0).Text("x").Item((StructKind)kind, bytes, parent: new Id(1, 0)).Build(),
        })
        {
            UpdateStore store = Stores.From(update);
            store.CheckInvariants();
            Assert.Equal(Bytes.ToHex(update), store.Hex());
            foreach (int cut in Enumerable.Range(0, update.Length))
                Assert.Throws<MalformedUpdateException>(() => new UpdateStore().Apply(update.AsSpan(0, cut)));
        }
    }

    [Theory]
    [MemberData(nameof(Illegal))]
    public void Illegal_content_is_refused_and_changes_nothing(int kind, string content, string why)
    {
        UpdateStore store = Stores.From(new UpdateBuilder().Section(1, 0).Text("ab").Build());
        string before = store.Hex();
        byte[] update = new UpdateBuilder().Section(1, 2)
            .Text("c", new Id(1, 1)).Item((StructKind)kind, Bytes.FromHex(content), new Id(1, 2)).Build();
        Assert.True(Fails(() => store.Apply(update)), why);
        store.CheckInvariants();
        Assert.Equal(before, store.Hex());
        Assert.True(Fails(() => UpdateInfo.ReadRanges(update, [], [])), why);
    }

    [Theory]
    [InlineData("80", "a GC struct with flags")]
    [InlineData("8a", "a Skip with flags")]
    public void Flags_on_structs_that_have_none_are_refused(string info, string why) =>
        Assert.True(Fails(() => new UpdateStore().Apply(Bytes.FromHex($"01 01 01 00 {info} 01 00"))), why);

    [Fact]
    public void Values_nested_a_hundred_thousand_deep_are_accepted_without_recursion()
    {
        const int Depth = 100_000;
        byte[] arrays = Content(writer =>
        {
            writer.WriteVarUInt(1);
            for (int i = 0; i < Depth; i++)
                writer.WriteRaw([117, 2]);
            for (int i = 0; i <= Depth; i++)
                writer.WriteByte(126);
        });
        byte[] objects = Content(writer =>
        {
            writer.WriteVarUInt(1);
            for (int i = 0; i < Depth; i++)
                writer.WriteRaw([118, 1, 1, (byte)'k']);
            writer.WriteByte(126);
        });
        byte[] json = Content(writer => writer.WriteVarString(new string('[', Depth) + new string(']', Depth)));
        (StructKind, byte[])[] cases = [(StructKind.Any, arrays), (StructKind.Any, objects), (StructKind.Embed, json)];
        foreach ((StructKind kind, byte[] content) in cases)
        {
            byte[] update = new UpdateBuilder().Section(1, 0).Item(kind, content).Build();
            UpdateStore store = Stores.From(update);
            Assert.Equal(1u, store.StateOf(1));
            store.Compact();
            Assert.Equal(update, store.EncodeState());
        }
    }

    [Theory]
    [InlineData("origin", 5u)]
    [InlineData("origin", 6u)]
    [InlineData("right", 5u)]
    [InlineData("right", 100u)]
    [InlineData("parent", 5u)]
    public void A_reference_to_itself_or_later_of_its_own_client_is_refused(string role, uint clock)
    {
        Id id = new(1, clock);
        byte[] text = Bytes.FromHex("0178");
        UpdateBuilder builder = new UpdateBuilder().Section(1, 0).Text("abcde");
        byte[] update = (role switch
        {
            "origin" => builder.Item(StructKind.String, text, origin: id),
            "right" => builder.Item(StructKind.String, text, right: id),
            _ => builder.Item(StructKind.String, text, parent: id),
        }).Build();
        Assert.Throws<MalformedUpdateException>(() => new UpdateStore().Apply(update));
    }

    [Fact]
    public void Bytes_behind_the_delete_set_are_ignored()
    {
        byte[] update = new UpdateBuilder().Section(1, 0).Text("ab").Delete(1, 0, 1).Build();
        Assert.Equal(Bytes.ToHex(update), Stores.From([.. update, 1, 2, 3]).Hex());
    }

    [Fact]
    public void Ranges_of_an_update_are_listed_without_a_store()
    {
        byte[] update = new UpdateBuilder()
            .Section(9, 3).Text("ab", new Id(9, 2)).Skip(4).Gc(2).Deleted(3, new Id(9, 1))
            .Section(7, 0).Text(Encoding.UTF8.GetString(Bytes.FromHex("f09f9880")))
            .Delete(7, 1, 1).Delete(4, 8, 2)
            .Build();
        List<ClockRange> structs = [];
        List<ClockRange> deletes = [];
        UpdateInfo.ReadRanges(update, structs, deletes);
        Assert.Equal([new(9, 3, 5), new(9, 9, 14), new(7, 0, 2)], structs);
        Assert.Equal([new(7, 1, 2), new(4, 8, 10)], deletes);
    }

    private static bool Fails(Action action) => Record.Exception(action) is MalformedUpdateException;
}
