using System.Globalization;
using Xunit;

namespace CoEdit.Crdt.Tests;

/// <summary>Small updates that must not cost much: twice the input, about twice the memory and work.</summary>
/// <remarks>
/// Where the work allocates, it is counted in bytes. Where it does not, the test has a size at which anything quadratic runs for minutes; the
/// deadline only keeps a failure from hanging the run, linear work needs a hundredth of it.
/// </remarks>
public sealed class AmplificationTests
{
    private const double NearLinear = 2.6;
    private const int Deadline = 30_000;

    [Fact]
    public void Deletions_that_wait() => AssertNearLinear(2_000, count =>
    {
        YDoc doc = new();
        for (uint i = 0; i < count; i++)
            doc.ApplyUpdate(new UpdateBuilder().Delete(10 + i, 5, 1).Build());
        Assert.True(doc.HasPending);
    });

    [Fact]
    public void Cutting_one_run_of_values_at_many_places() => AssertNearLinear(5_000, count =>
    {
        YDoc doc = new(new YDocOptions { ClientId = 1 });
        doc.GetArray("a").Push([.. Enumerable.Range(0, count).Select(i => (YValue)i)]);
        UpdateBuilder cuts = new UpdateBuilder().Section(2, 0);
        for (uint i = 0; i < count / 10; i++)
            cuts.Item(StructKind.Any, [1, AnyTag.True], origin: new Id(1, i), right: new Id(1, i + 1));
        doc.ApplyUpdate(cuts.Build());
        Assert.Equal(count + (count / 10), doc.GetArray("a").Count);
    });

    [Fact]
    public void One_update_that_changes_every_level_under_a_deep_observer() => AssertNearLinear(2_000, count =>
    {
        YDoc doc = new(new YDocOptions { ClientId = 1 });
        UpdateBuilder levels = new UpdateBuilder().Section(1, 0).Item(StructKind.Type, [1], root: "m", key: "k");
        for (uint i = 1; i < count; i++)
            levels.Item(StructKind.Type, [1], parent: new Id(1, i - 1), key: "k");
        doc.ApplyUpdate(levels.Build());
        int events = 0;
        doc.GetMap("m").ObservedDeep += changes => events += changes.Count;
        UpdateBuilder changes = new UpdateBuilder().Section(2, 0);
        for (uint i = 0; i < count; i++)
            changes.Item(StructKind.Any, [1, AnyTag.True], parent: new Id(1, i), key: "x");
        doc.ApplyUpdate(changes.Build());
        Assert.Equal(count, events);
    });

    [Fact(Timeout = Deadline)]
    public Task Many_types_that_change_and_are_deleted_in_one_update() => Task.Run(() =>
    {
        const uint Count = 60_000;
        YDoc doc = new(new YDocOptions { ClientId = 1 });
        UpdateBuilder types = new UpdateBuilder().Section(1, 0);
        types.Item(StructKind.Type, [0], root: "a").Item(StructKind.Type, [1], parent: new Id(1, 0));
        for (uint i = 2; i < Count; i++)
            types.Item(StructKind.Type, [1], origin: new Id(1, i - 1));
        doc.ApplyUpdate(types.Build());
        UpdateBuilder changes = new UpdateBuilder().Section(2, 0);
        for (uint i = 1; i < Count; i++)
            changes.Item(StructKind.Any, [1, AnyTag.True], parent: new Id(1, i), key: "k");
        doc.ApplyUpdate(changes.Delete(1, 0, 1).Build());
        Assert.Empty(doc.GetArray("a"));
    }, TestContext.Current.CancellationToken);

    [Fact(Timeout = Deadline)]
    public Task An_object_with_many_names_that_are_indices() => Task.Run(() =>
    {
        const int Count = 60_000;
        byte[] content = UpdateBuilder.Content(writer =>
        {
            writer.WriteVarUInt(1);
            writer.WriteByte(AnyTag.Object);
            writer.WriteVarUInt(Count);
            for (int i = 0; i < Count; i++)
            {
                writer.WriteVarString(i.ToString(CultureInfo.InvariantCulture));
                writer.WriteByte(AnyTag.True);
            }
        });
        YDoc doc = new();
        doc.ApplyUpdate(new UpdateBuilder().Section(1, 0).Item(StructKind.Any, content, root: "a").Build());
        Assert.Equal(Count, doc.GetArray("a")[0].AsObject().Count);
    }, TestContext.Current.CancellationToken);

    [Fact(Timeout = Deadline)]
    public Task Deleting_a_deep_document_under_an_undo_manager() => Task.Run(() =>
    {
        YDoc doc = new(new YDocOptions { ClientId = 1 });
        YMap at = doc.GetMap("m");
        for (int i = 0; i < 100_000; i++)
        {
            YMap inner = new();
            at.Set("k", inner);
            at = inner;
        }

        using UndoManager undo = new([doc.GetMap("m")]);
        doc.GetMap("m").Delete("k");
        Assert.NotNull(undo.Undo());
        Assert.Single(doc.GetMap("m"));
    }, TestContext.Current.CancellationToken);

    [Fact(Timeout = Deadline)]
    public Task An_object_whose_names_are_indices_in_the_wrong_order() => Task.Run(() =>
    {
        const int Count = 200_000;
        YObject value = [];
        for (int i = Count; i > 0; i--)
        {
            value[$"n{i}"] = i;
            value[i.ToString(CultureInfo.InvariantCulture)] = i;
        }

        for (int i = 1; i <= Count; i++)
            value[$"n{i}"] = 0;
        Assert.Equal("1", value.Keys.First());
        Assert.Equal("n1", value.Keys.Last());
        Assert.Equal(0, value["n7"].AsInt64());
        Assert.Equal(7, value["7"].AsInt64());
    }, TestContext.Current.CancellationToken);

    [Fact(Timeout = Deadline)]
    public Task JSON_100_000_deep() => Task.Run(() =>
    {
        const int Depth = 200_000;
        string json = string.Concat(Enumerable.Repeat("[{\"a\":", Depth)) + "1" + string.Concat(Enumerable.Repeat("}]", Depth));
        YValue value = YValue.ParseJson(json);
        Assert.Equal(json, value.ToString());
        Assert.Equal(value, YValue.FromJsonNode(value.ToJsonNode()));
    }, TestContext.Current.CancellationToken);

    [Fact(Timeout = Deadline)]
    public Task A_document_that_grows_100_000_levels_deep_under_observers_and_an_undo_manager() => Task.Run(() =>
    {
        YDoc doc = new(new YDocOptions { ClientId = 1, MaxDepth = int.MaxValue });
        YMap root = doc.GetMap("m");
        using UndoManager undo = new([root]);
        int events = 0;
        root.ObservedDeep += changes => events += changes.Count;
        YMap at = root;
        for (int i = 0; i < 100_000; i++)
        {
            YMap inner = new();
            at.Set("k", inner);
            at = inner;
        }

        Assert.Equal(100_000, events);
        undo.StopCapturing();
        root.Delete("k");
        Assert.NotNull(undo.Undo());
        Assert.NotNull(undo.Redo());
        Assert.Empty(root);
    }, TestContext.Current.CancellationToken);

    [Fact(Timeout = Deadline)]
    public Task Many_subdocuments_in_one_transaction() => Task.Run(() =>
    {
        const int Count = 60_000;
        UpdateBuilder update = new UpdateBuilder().Section(1, 0);
        byte[] content = UpdateBuilder.Content(writer =>
        {
            writer.WriteVarString("g");
            writer.WriteByte(AnyTag.Object);
            writer.WriteVarUInt(0);
        });
        update.Item(StructKind.Doc, content, root: "a");
        for (uint i = 1; i < Count; i++)
            update.Item(StructKind.Doc, content, origin: new Id(1, i - 1));
        YDoc doc = new();
        doc.ApplyUpdate(update.Build());
        Assert.Equal(Count, doc.Subdocs.Count);
        doc.GetArray("a").Delete(0, Count);
        Assert.Empty(doc.Subdocs);
    }, TestContext.Current.CancellationToken);

    [Fact(Timeout = Deadline)]
    public Task Events_of_many_types_that_are_all_read() => Task.Run(() =>
    {
        const uint Count = 60_000;
        YDoc doc = new(new YDocOptions { ClientId = 1 });
        UpdateBuilder types = new UpdateBuilder().Section(1, 0).Item(StructKind.Type, [1], root: "a");
        for (uint i = 1; i < Count; i++)
            types.Item(StructKind.Type, [1], origin: new Id(1, i - 1));
        doc.ApplyUpdate(types.Build());
        int keys = 0;
        doc.GetArray("a").ObservedDeep += changes => keys += changes.Sum(change => change.Keys.Count);
        UpdateBuilder changes = new();
        for (uint i = 0; i < Count; i++)
            changes.Section(i + 2, 0).Item(StructKind.Any, [1, AnyTag.True], parent: new Id(1, i), key: "k");
        doc.Updated += (_, _) => { };
        doc.ApplyUpdate(changes.Build());
        Assert.Equal((int)Count, keys);
    }, TestContext.Current.CancellationToken);

    [Fact(Timeout = Deadline)]
    public Task Many_deletions_in_one_gap_of_a_formatted_text() => Task.Run(() =>
    {
        const uint Count = 100_000;
        YDoc doc = new(new YDocOptions { ClientId = 1 });
        doc.GetText("t").Insert(0, "b", new YObject { ["b"] = true });
        UpdateBuilder letters = new UpdateBuilder().Section(3, 0).Text("x", new Id(1, 0), new Id(1, 1));
        for (uint i = 1; i < Count; i++)
            letters.Text("x", new Id(3, i - 1), i % 2 == 0 ? new Id(1, 1) : null);
        letters.Delete(3, 0, Count);
        doc.ApplyUpdate(letters.Build());
        Assert.Equal("b", doc.GetText("t").ToString());
    }, TestContext.Current.CancellationToken);

    private static void AssertNearLinear(int count, Action<int> work)
    {
        work(count / 10);
        long few = PendingFloodTests.Allocated(() => work(count));
        long many = PendingFloodTests.Allocated(() => work(2 * count));
        Assert.True(many < NearLinear * few, $"{few} bytes for {count}, {many} for {2 * count}");
    }
}
