using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace CoEdit.Crdt.Tests;

/// <summary>The doc-less functions on bytes that somebody means ill with.</summary>
public class HostileUpdateTests
{
    private const int Depth = 100_000;

    private static readonly UpdateReadOptions Few = new() { MaxRepeatedStructs = 100 };

    [Fact]
    public void Mutated_updates_are_refused_or_read_and_nothing_else() => Prop.ForAll(Mutants().ToArbitrary(), bytes =>
    {
        Run(bytes, update => YUpdate.MergeUpdates([update, update]));
        Run(bytes, update => YUpdate.DiffUpdate(update, [1, 1, 2]));
        Run(bytes, update => YUpdate.ObfuscateUpdate(update));
        Run(bytes, update => YUpdate.EncodeStateVectorFromUpdate(update));
        Run(bytes, update => Encoding.UTF8.GetBytes(YUpdate.Describe(update)));
        Run(bytes, update => YUpdate.MergeUpdatesV2([update, update], Few));
        Run(bytes, update => YUpdate.DiffUpdateV2(update, [1, 1, 2], Few));
        Run(bytes, update => YUpdate.ObfuscateUpdateV2(update, limits: Few));
        Run(bytes, update => YUpdate.ConvertV2ToV1(update, Few));
        Run(bytes, update => IdSet.DecodeV2(update).Count == 0 ? [] : update);
        Run(bytes, update => Snapshot.Decode(update).Encode());

        // What has been written once comes out of both formats as it went in. (The first time, infinity becomes null and the like.)
        byte[]? v1 = Run(bytes, update => YUpdate.ConvertV2ToV1(YUpdate.ConvertV1ToV2(update)));
        return v1 is null || YUpdate.ConvertV2ToV1(YUpdate.ConvertV1ToV2(v1)).AsSpan().SequenceEqual(v1);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000).WithStartSize(1));

    [Fact]
    public void An_update_that_ends_anywhere_is_refused()
    {
        foreach ((byte[] v1, byte[] v2) in Corpus())
        {
            for (int length = 0; length < v1.Length; length++)
                Assert.Throws<MalformedUpdateException>(() => YUpdate.ConvertV1ToV2(v1.AsSpan(0, length)));
            for (int length = 0; length < v2.Length; length++)
                Assert.Throws<MalformedUpdateException>(() => YUpdate.ParseUpdateMetaV2(v2.AsSpan(0, length)));
        }
    }

    [Theory]
    [InlineData(StructKind.Gc)]
    [InlineData(StructKind.Deleted)]
    [InlineData(StructKind.Type)]
    public void A_few_bytes_that_stand_for_a_million_structs_are_refused(object kind)
    {
        const int Count = 1_100_000;
        byte[] bomb = Repeated((StructKind)kind, Count);
        Assert.InRange(bomb.Length, 10, 100);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<MalformedUpdateException>(() => YUpdate.ParseUpdateMetaV2(bomb));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 100_000);
        Assert.Throws<MalformedUpdateException>(() => YUpdate.ConvertV2ToV1(bomb));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 100_000_000);
        Assert.Equal((uint)Count, YUpdate.ParseUpdateMetaV2(bomb, new UpdateReadOptions { MaxRepeatedStructs = Count }).To[1]);
    }

    [Fact]
    public void The_number_of_repeated_structs_has_a_limit_that_can_be_moved()
    {
        byte[] update = Repeated(StructKind.Gc, 1000);
        Assert.InRange(update.Length, 10, 40);
        Assert.Throws<MalformedUpdateException>(() => YUpdate.ParseUpdateMetaV2(update, new UpdateReadOptions { MaxRepeatedStructs = 900 }));
        Assert.Equal(1000u, YUpdate.ParseUpdateMetaV2(update, new UpdateReadOptions { MaxRepeatedStructs = 1000 }).To[1]);
    }

    [Theory]
    [InlineData("0101 01 00 00 ffffffffff0f 00")]
    [InlineData("0102 01 00 00 ffffffff07 00 01 00")]
    [InlineData("0101 01 ffffffff0f 00 01 00")]
    [InlineData("00 01 01 01 ffffffff07 01")]
    [InlineData("0101 01 00 0a ffffffffffffff0f 00")]
    public void Clocks_above_the_largest_are_refused(string hex) =>
        Assert.Throws<MalformedUpdateException>(() => YUpdate.MergeUpdates([Bytes.FromHex(hex), Bytes.FromHex("0000")]));

    [Theory]
    [InlineData("0101 01 00 04 01 0174 00 00")] // an empty text
    [InlineData("0101 01 00 0b 01 0174 00")] // an unknown kind
    [InlineData("0101 01 00 80 01 00")] // a GC struct with flags
    [InlineData("0101 01 00 07 01 0174 07 00")] // an unknown shared type
    [InlineData("0101 01 00 05 01 0174 01 7b 00")] // an embed that is not JSON
    [InlineData("0101 01 00 02 01 0174 01 01 7b 00")] // an element that is not JSON
    [InlineData("0101 01 00 09 01 0174 01 67 7e 00")] // a subdocument whose options are null
    [InlineData("0101 01 00 08 01 0174 ffffff7f 7e 00")] // more values than bytes
    [InlineData("0101 01 00 04 01 0174 03 eda080 00")] // an encoded surrogate
    public void Structs_that_stock_clients_cannot_read_are_refused(string hex) =>
        Assert.Throws<MalformedUpdateException>(() => YUpdate.ConvertV1ToV2(Bytes.FromHex(hex)));

    [Theory]
    [InlineData("7f")]
    [InlineData("7a0000000000000001")]
    [InlineData("75017a0000000000000001")]
    public void A_value_that_JSON_cannot_carry_cannot_become_v1(string any)
    {
        byte[] update = Embed(Bytes.FromHex(any));
        Assert.Equal(update, YUpdate.DiffUpdateV2(update, [0]));
        Assert.Throws<MalformedUpdateException>(() => YUpdate.ConvertV2ToV1(update));
    }

    [Fact]
    public void Deeply_nested_values_take_no_stack()
    {
        byte[] arrays = [.. Enumerable.Repeat<byte[]>([AnyTag.Array, 1], Depth).SelectMany(x => x), AnyTag.Null];
        byte[] objects = [.. Enumerable.Repeat<byte[]>([AnyTag.Object, 1, 1, (byte)'1'], Depth).SelectMany(x => x), AnyTag.Null];
        foreach (byte[] any in new[] { arrays, objects })
        {
            byte[] update = Embed(any);
            byte[] v1 = YUpdate.ConvertV2ToV1(update);
            Assert.Equal(update, YUpdate.ConvertV1ToV2(v1));
            Assert.Equal(v1, YUpdate.DiffUpdate(v1, [0]));
            Assert.NotEqual(v1, YUpdate.ObfuscateUpdate(v1));
        }
    }

    [Fact]
    public void Objects_in_another_order_at_every_depth_take_linear_memory()
    {
        // {"b":null,"1":{"b":null,"1":…}}: JavaScript puts the 1 first, everywhere.
        byte[] level = [AnyTag.Object, 2, 1, (byte)'b', AnyTag.Null, 1, (byte)'1'];
        byte[] any = [.. Enumerable.Repeat(level, Depth).SelectMany(x => x), AnyTag.Null];
        long before = GC.GetAllocatedBytesForCurrentThread();
        byte[] sorted = YUpdate.DiffUpdateV2(Embed(any), [0]);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 500L * Depth);
        Assert.Equal(Embed(any).Length, sorted.Length);
        byte[] start = Embed([AnyTag.Object, 2, 1, (byte)'1', AnyTag.Object, 2, 1, (byte)'1']);
        Assert.True(sorted.AsSpan().StartsWith(start.AsSpan(0, start.Length - 1)));
    }

    [Fact]
    public void Too_many_sections_out_of_order_are_refused()
    {
        ByteBuffer update = new();
        update.WriteVarUInt(200_000);
        for (uint client = 0; client < 200_000; client++)
        {
            update.WriteVarUInt(1);
            update.WriteVarUInt(client);
            update.Append([0, 0, 1]);
        }

        update.WriteByte(0);
        byte[] bytes = update.Written.ToArray();
        Assert.Throws<MalformedUpdateException>(() => YUpdate.ConvertV1ToV2(bytes));
    }

    private static byte[]? Run(byte[] bytes, Func<byte[], byte[]> function)
    {
        try
        {
            return function(bytes);
        }
        catch (MalformedUpdateException)
        {
            return null;
        }
    }

    // Structs that are all alike, so that each column is one run.
    private static byte[] Repeated(StructKind kind, uint count)
    {
        UpdateEncoderV2 encoder = new();
        encoder.Rest.WriteVarUInt(1);
        encoder.Rest.WriteVarUInt(count);
        encoder.WriteClient(1);
        encoder.Rest.WriteByte(0);
        for (uint i = 0; i < count; i++)
        {
            encoder.WriteInfo((byte)(kind == StructKind.Gc ? (int)kind : StructInfo.HasOrigin | (int)kind));
            if (kind != StructKind.Gc)
                encoder.WriteLeftId(2, i);
            if (kind == StructKind.Type)
                encoder.WriteTypeRef(1);
            else
                encoder.WriteLength(1);
        }

        encoder.Rest.WriteByte(0);
        ByteBuffer target = new();
        encoder.Finish(target);
        return target.Written.ToArray();
    }

    // An update v2 with one embed.
    private static byte[] Embed(byte[] any)
    {
        UpdateEncoderV2 encoder = new();
        encoder.Rest.Append([1, 1]);
        encoder.WriteClient(1);
        encoder.Rest.WriteByte(0);
        encoder.WriteInfo((byte)StructKind.Embed);
        encoder.WriteParentInfo(isRoot: true);
        encoder.WriteString("t");
        encoder.Rest.Append(any);
        encoder.Rest.WriteByte(0);
        ByteBuffer target = new();
        encoder.Finish(target);
        return target.Written.ToArray();
    }

    private static IEnumerable<(byte[] V1, byte[] V2)> Corpus() =>
        from scenario in YjsFixtureTests.Scenarios().Values
        from update in scenario.GetProperty("updates").EnumerateArray()
        select (update.GetProperty("v1").GetBytesFromBase64(), update.GetProperty("v2").GetBytesFromBase64());

    private static Gen<byte[]> Mutants()
    {
        byte[][] seeds = [.. Corpus().SelectMany(update => new[] { update.V1, update.V2 })];
        Gen<byte> value = Gen.OneOf(ArbMap.Default.GeneratorFor<byte>(), Gen.Elements<byte>(0, 1, 0x40, 0x7F, 0x80, 0xFF));
        return from seed in Gen.Elements(seeds)
               from edits in (from at in Gen.Choose(0, seed.Length - 1)
                              from kind in Gen.Choose(0, 3)
                              from with in value
                              select (at, kind, with)).NonEmptyListOf()
               select Mutate(seed, edits.Take(8));
    }

    private static byte[] Mutate(byte[] seed, IEnumerable<(int At, int Kind, byte With)> edits)
    {
        List<byte> bytes = [.. seed];
        foreach ((int at, int kind, byte with) in edits)
        {
            int index = Math.Min(at, bytes.Count - 1);
            if (kind == 0)
                bytes.Insert(index, with);
            else if (kind == 1 && bytes.Count > 1)
                bytes.RemoveAt(index);
            else
                bytes[index] = with;
        }

        return [.. bytes];
    }
}
