using Xunit;

namespace CoEdit.Crdt.Tests;

/// <summary>What handlers see of transactions, in which order, and what exceptions leave behind.</summary>
public sealed class TransactionTests
{
    private readonly YDoc _doc = new(new YDocOptions { ClientId = 1 });
    private readonly List<string> _log = [];

    [Fact]
    public void A_transaction_without_changes_has_no_update()
    {
        LogEvents();
        _doc.Transact(_ => { });
        Assert.Equal("all-begin begin observers after cleanup all-end", Logged());
    }

    [Fact]
    public void Nested_transactions_join_the_outermost()
    {
        LogEvents();
        _doc.Transact(outer =>
        {
            _doc.GetText("t").Insert(0, "a");
            _doc.Transact(
                inner =>
                {
                    Assert.Same(outer, inner);
                    _doc.GetText("t").Insert(1, "b");
                },
                "ignored");
            Assert.Equal("outer", outer.Origin);
        }, "outer");
        Assert.Equal("all-begin begin observers after cleanup update update2 all-end", Logged());
    }

    [Fact]
    public void A_transaction_that_a_handler_starts_commits_behind_the_first()
    {
        LogEvents();
        List<string> updates = [];
        _doc.Updated += (update, transaction) => updates.Add($"{transaction.Origin} {update.Span[1]}");
        bool once = true;
        _doc.AfterTransaction += transaction =>
        {
            if (!once)
                return;
            once = false;
            _doc.Transact(started => Assert.NotSame(transaction, started), "second");
            _doc.Transact(_ => _doc.GetText("t").Insert(0, "c"), "third");
        };
        _doc.Transact(_ => _doc.GetText("t").Insert(0, "d"), "first");
        Assert.Equal(
            "all-begin begin observers after begin begin cleanup update update2 observers after cleanup observers after cleanup update update2 all-end",
            Logged());

        // As in Yjs, the first update goes up to the present, which holds what its handlers have added.
        Assert.Equal(["first 2", "third 1"], updates);
    }

    [Fact]
    public void A_handler_may_answer_an_update_with_a_change()
    {
        YDoc other = new();
        _doc.Updated += (update, _) => other.ApplyUpdate(update.Span);
        _doc.Updated += (_, transaction) =>
        {
            if (transaction.Origin is null)
                _doc.Transact(_ => _doc.GetText("t").Insert(_doc.GetText("t").Length, "!"), "answer");
        };
        _doc.GetText("t").Insert(0, "a");
        _doc.GetText("t").Insert(0, "b");
        Assert.Equal("ba!!", _doc.GetText("t").ToString());
        Assert.Equal("ba!!", other.GetText("t").ToString());
    }

    [Fact]
    public void Handlers_see_the_origin_and_whether_a_change_is_local()
    {
        object me = new();
        YDoc other = new(new YDocOptions { ClientId = 2 });
        other.GetText("t").Insert(0, "x");
        List<(object?, bool)> seen = [];
        _doc.Updated += (_, transaction) => seen.Add((transaction.Origin, transaction.IsLocal));
        _doc.GetText("t").Insert(0, "a");
        _doc.Transact(_ => _doc.GetText("t").Insert(0, "b"), me);
        _doc.ApplyUpdate(other.EncodeStateAsUpdate(), "network");
        other.GetText("t").Insert(0, "y");
        _doc.Transact(
            _ =>
            {
                _doc.GetText("t").Insert(0, "c");
                _doc.ApplyUpdateV2(other.EncodeStateAsUpdateV2(), "ignored");
            },
            me);
        Assert.Equal([(null, true), (me, true), ("network", false), (me, false)], seen);
    }

    [Fact]
    public void Notes_live_as_long_as_the_transaction()
    {
        object? note = null;
        int notes = -1;
        _doc.AfterTransaction += transaction => note = transaction.Meta.TryGetValue("note", out object? found) ? found : null;
        _doc.Transact(transaction => transaction.Meta["note"] = 7);
        Assert.Equal(7, note);
        _doc.Transact(transaction => notes = transaction.Meta.Count);
        Assert.Equal(0, notes);
    }

    [Fact]
    public void What_was_done_before_an_exception_stays_and_is_told()
    {
        List<string> updates = [];
        _doc.Updated += (update, _) => updates.Add(Bytes.ToHex(update.Span));
        Assert.Throws<InvalidOperationException>(() => _doc.Transact(_ =>
        {
            _doc.GetText("t").Insert(0, "ab");
            throw new InvalidOperationException();
        }));
        Assert.Equal(["010101000401017402616200"], updates);
        _doc.GetText("t").Insert(2, "c");
        Assert.Equal("abc", _doc.GetText("t").ToString());
        Assert.Equal(2, updates.Count);
        DocInvariants.Check(_doc);
    }

    [Fact]
    public void A_handler_that_throws_keeps_no_other_from_being_called()
    {
        LogEvents();
        _doc.BeforeObserverCalls += _ => throw new InvalidOperationException("first");
        _doc.AfterTransaction += _ => throw new InvalidOperationException("second");
        _doc.Updated += (_, _) => throw new InvalidOperationException("third");
        _doc.Updated += (_, _) => _log.Add("last");
        InvalidOperationException thrown = Assert.Throws<InvalidOperationException>(() => _doc.GetText("t").Insert(0, "a"));
        Assert.Equal("first", thrown.Message);
        Assert.Equal("all-begin begin observers after cleanup update last update2 all-end", Logged());
        Assert.Equal("a", _doc.GetText("t").ToString());
        Assert.Throws<InvalidOperationException>(() => _doc.GetText("t").Insert(1, "b"));
        Assert.Equal("ab", _doc.GetText("t").ToString());
        DocInvariants.Check(_doc);
    }

    [Fact]
    public void A_handler_that_throws_at_the_beginning_prevents_the_transaction()
    {
        bool fail = true;
        _doc.BeforeTransaction += _ =>
        {
            if (fail)
                throw new InvalidOperationException();
        };
        Assert.Throws<InvalidOperationException>(() => _doc.GetText("t").Insert(0, "a"));
        Assert.Throws<InvalidOperationException>(() => _doc.ApplyUpdate(Bytes.FromHex("010102000401017402616200")));
        fail = false;
        Assert.Equal("0000", Bytes.ToHex(_doc.EncodeStateAsUpdate()));
        _doc.GetText("t").Insert(0, "b");
        Assert.Equal("b", _doc.GetText("t").ToString());
    }

    [Fact]
    public void The_document_is_usable_after_its_last_handler_has_thrown()
    {
        bool fail = true;
        _doc.AfterAllTransactions += _ =>
        {
            if (fail)
                throw new InvalidOperationException();
        };
        Assert.Throws<InvalidOperationException>(() => _doc.GetText("t").Insert(0, "a"));
        fail = false;
        List<string> updates = [];
        _doc.Updated += (update, _) => updates.Add(Bytes.ToHex(update.Span));
        _doc.GetText("t").Insert(1, "b");
        Assert.Equal(["01010101840100016200"], updates);
        DocInvariants.Check(_doc);
    }

    [Fact]
    public void A_malformed_update_inside_a_transaction_leaves_the_rest_of_it()
    {
        _doc.Transact(transaction =>
        {
            _doc.GetText("t").Insert(0, "a");
            Assert.Throws<MalformedUpdateException>(() => _doc.ApplyUpdate([1, 1, 2, 0, 4, 1, 1]));
            Assert.True(transaction.IsLocal);
            _doc.GetText("t").Insert(1, "b");
        });
        Assert.Equal("010101000401017402616200", Bytes.ToHex(_doc.EncodeStateAsUpdate()));
    }

    [Fact]
    public void The_update_of_a_deletion_alone_has_no_structs()
    {
        _doc.GetText("t").Insert(0, "abc");
        List<string> updates = [];
        _doc.Updated += (update, _) => updates.Add(Bytes.ToHex(update.Span));
        _doc.UpdatedV2 += (update, _) => updates.Add(Bytes.ToHex(update.Span));
        _doc.GetText("t").Delete(1, 1);
        Assert.Equal(["000101010101", "0000000000000100000000000101010100"], updates);
    }

    private string Logged() => string.Join(' ', _log);

    private void LogEvents()
    {
        _doc.BeforeAllTransactions += _ => _log.Add("all-begin");
        _doc.BeforeTransaction += _ => _log.Add("begin");
        _doc.BeforeObserverCalls += _ => _log.Add("observers");
        _doc.AfterTransaction += _ => _log.Add("after");
        _doc.AfterTransactionCleanup += _ => _log.Add("cleanup");
        _doc.Updated += (_, _) => _log.Add("update");
        _doc.UpdatedV2 += (_, _) => _log.Add("update2");
        _doc.AfterAllTransactions += _ => _log.Add("all-end");
    }
}
