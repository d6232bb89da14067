using System.Security.Claims;
using CoEdit.Crdt;
using CoEdit.Protocol;

namespace CoEdit.Server.Tests;

/// <summary>What readers may not do, and what happens to peers whose rights change or end (spec AUT).</summary>
public sealed class RightsTests
{
    public static TheoryData<byte, bool> Writes => new() { { 1, false }, { 1, true }, { 2, false }, { 2, true } };

    [Theory]
    [MemberData(nameof(Writes))]
    public async Task What_a_reader_writes_is_neither_kept_nor_passed_on_and_it_is_told_once(byte kind, bool deletes)
    {
        await using var harness = new RoomHarness();
        TestPeer writer = await harness.JoinAsync();
        TestPeer reader = await harness.JoinAsync(rights: DocumentRights.Read);
        await writer.SendUpdateAsync(Updates.Text(1, 0, "hello"));
        await writer.ReceiveAsync();
        Assert.Equal([Updates.Text(1, 0, "hello")], TestPeer.PayloadsOf(await reader.ReceiveAsync(), FrameKind.Update));

        byte[] update = deletes ? Updates.Delete(1, 0, 2) : Updates.Text(2, 0, "graffiti");
        await reader.SendAsync(Updates.SyncFrame(kind, update));
        await reader.SendAsync(Updates.SyncFrame(kind, update));

        byte[] told = Assert.Single(await reader.ReceiveAsync());
        Assert.Equal([2, 0], told[..2]);
        Assert.Null(reader.Closed);
        Assert.Empty(await writer.ReceiveAsync());
        Assert.Single(harness.Log.UpdatesOf("doc"));
        DocumentState state = await harness.Registry.ReadStateAsync("doc", CancellationToken.None);
        Assert.Equal(Updates.Text(1, 0, "hello"), state.Update);
    }

    [Fact]
    public async Task A_reader_may_send_what_is_known_and_is_told_nothing()
    {
        await using var harness = new RoomHarness();
        TestPeer writer = await harness.JoinAsync();
        await writer.SendUpdateAsync(Updates.Text(1, 0, "hello"));
        await writer.SendUpdateAsync(Updates.Delete(1, 0, 2));
        TestPeer reader = await harness.JoinAsync(acknowledged: true, rights: DocumentRights.Read);
        await reader.ReceiveAsync();

        await reader.SendAsync(Updates.SyncFrame(1, [0, 0]));
        await reader.SendAsync(Updates.SyncFrame(1, Updates.Delete(1, 0, 2)));
        await reader.SendUpdateAsync(Updates.Text(1, 0, "hello"));

        await Wait.UntilAsync(() => reader.Peer.Outbox.HasWork, "the commit is told");
        Assert.Equal([SyncProtocol.Acknowledged(3)], await reader.ReceiveAsync());
    }

    [Fact]
    public async Task Deletions_that_follow_from_the_document_are_no_writing_of_the_reader_who_integrated_them()
    {
        // Two clients set the same key at once: whoever integrates both deletes the one that lost, though no update says so.
        byte[] first = new YDocOf(1).Set("v1");
        byte[] second = new YDocOf(2).Set("v2");
        var both = new YDoc(new YDocOptions { ClientId = 3 });
        both.ApplyUpdate(first);
        both.ApplyUpdate(second);
        await using var harness = new RoomHarness();
        TestPeer writer = await harness.JoinAsync();
        await writer.SendUpdateAsync(first);
        await writer.SendUpdateAsync(second);
        TestPeer reader = await harness.JoinAsync(acknowledged: true, rights: DocumentRights.Read);
        await reader.ReceiveAsync();
        DocumentState before = await harness.Registry.ReadStateAsync("doc", CancellationToken.None);

        await reader.SendAsync(Updates.SyncFrame(1, both.EncodeStateAsUpdate()));

        await Wait.UntilAsync(() => reader.Peer.Outbox.HasWork, "the commit is told");
        Assert.Equal([SyncProtocol.Acknowledged(1)], await reader.ReceiveAsync());
        both.GetMap("map").Delete("key");
        await reader.SendAsync(Updates.SyncFrame(1, both.EncodeStateAsUpdate()));
        Assert.Equal([100, 2, 1], (await reader.ReceiveAsync())[0][..3]);
        DocumentState after = await harness.Registry.ReadStateAsync("doc", CancellationToken.None);
        Assert.Equal(before.Update, after.Update);
    }

    [Fact]
    public async Task A_reader_s_copy_of_a_deleted_document_is_refused_with_4404()
    {
        await using var harness = new RoomHarness();
        TestPeer writer = await harness.JoinAsync();
        await writer.SendUpdateAsync(Updates.Text(1, 0, "hello"));
        Assert.True(await harness.Registry.DeleteAsync("doc", CancellationToken.None));
        TestPeer reader = await harness.JoinAsync(rights: DocumentRights.Read);

        await reader.SendAsync(Updates.SyncFrame(1, Updates.Text(1, 0, "hello")));
        await reader.ReceiveAsync();

        Assert.Equal(CloseCode.DocumentDeleted, reader.Closed?.Code);
    }

    [Fact]
    public async Task A_reader_that_wants_acknowledgements_gets_its_write_refused_by_number()
    {
        await using var harness = new RoomHarness();
        TestPeer reader = await harness.JoinAsync(acknowledged: true, rights: DocumentRights.Read);
        await reader.ReceiveAsync();

        await reader.SendUpdateAsync(Updates.Text(2, 0, "graffiti"));

        List<byte[]> frames = await reader.ReceiveAsync();
        Assert.Equal([100, 1, 1], frames[0][..3]);
        Assert.Equal([2, 0], frames[1][..2]);
    }

    [Fact]
    public async Task A_reader_may_ask_and_is_answered()
    {
        await using var harness = new RoomHarness();
        TestPeer writer = await harness.JoinAsync();
        await writer.SendUpdateAsync(Updates.Text(1, 0, "hello"));
        TestPeer reader = await harness.JoinAsync(rights: DocumentRights.Read);

        await reader.SendAsync(Updates.SyncFrame(0, [0]));

        Assert.Equal([Updates.Text(1, 0, "hello")], TestPeer.PayloadsOf(await reader.ReceiveAsync(), FrameKind.SyncStep2));
    }

    [Fact]
    public async Task A_reader_s_malformed_update_is_refused_like_anybody_s()
    {
        await using var harness = new RoomHarness();
        TestPeer reader = await harness.JoinAsync(rights: DocumentRights.Read);

        await reader.SendUpdateAsync([1, 255]);
        await reader.ReceiveAsync();

        Assert.Equal(CloseCode.MalformedPayload, reader.Closed?.Code);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Readers_are_seen_unless_configured_otherwise(bool seen)
    {
        await using var harness = new RoomHarness(options => options.Awareness.ReadersAreSeen = seen);
        TestPeer writer = await harness.JoinAsync();
        TestPeer reader = await harness.JoinAsync(rights: DocumentRights.Read);
        await writer.ReceiveAsync();

        await reader.SendAsync(Updates.AwarenessFrame(2, 1, "{}"));

        Assert.Equal(seen, TestPeer.PayloadsOf(await writer.ReceiveAsync(), FrameKind.Awareness).Any());
    }

    [Fact]
    public async Task An_expired_peer_is_closed_with_4401_at_the_next_tick_and_its_presence_goes()
    {
        await using var harness = new RoomHarness();
        TestPeer other = await harness.JoinAsync();
        TestPeer ada = await harness.JoinAsync(identity: Identity(harness, "ada", TimeSpan.FromSeconds(30)));
        await ada.SendAsync(Updates.AwarenessFrame(1, 1, "{}"));

        await harness.TickAsync(TimeSpan.FromSeconds(29));
        await ada.ReceiveAsync();
        Assert.Null(ada.Closed);
        await other.ReceiveAsync();

        await harness.TickAsync(TimeSpan.FromSeconds(1));
        await ada.ReceiveAsync();
        Assert.Equal(CloseCode.Unauthorized, ada.Closed?.Code);
        Assert.Single(TestPeer.PayloadsOf(await other.ReceiveAsync(), FrameKind.Awareness));
    }

    [Fact]
    public async Task An_expired_peer_writes_nothing_even_when_no_tick_has_come()
    {
        await using var harness = new RoomHarness();
        TestPeer ada = await harness.JoinAsync(identity: Identity(harness, "ada", TimeSpan.FromSeconds(30)));
        harness.Time.Advance(TimeSpan.FromSeconds(30));

        await ada.SendUpdateAsync(Updates.Text(1, 0, "late"));
        await ada.ReceiveAsync();

        Assert.Equal(CloseCode.Unauthorized, ada.Closed?.Code);
        Assert.Empty(harness.Log.UpdatesOf("doc"));
    }

    [Fact]
    public async Task A_peer_is_put_down_to_reading_in_place_and_asked_for_everything_when_it_may_write_again()
    {
        await using var harness = new RoomHarness();
        PeerIdentity identity = Identity(harness, "ada");
        TestPeer ada = await harness.JoinAsync(identity: identity);
        await ada.ReceiveAsync();

        await TellAsync(ada, new NewRights(identity, DocumentRights.Read));
        await ada.SendUpdateAsync(Updates.Text(1, 0, "refused"));
        Assert.Equal([2, 0], Assert.Single(await ada.ReceiveAsync())[..2]);

        await TellAsync(ada, new NewRights(identity, DocumentRights.Write));
        Assert.Single(TestPeer.PayloadsOf(await ada.ReceiveAsync(), FrameKind.SyncStep1));
        await ada.SendAsync(Updates.SyncFrame(1, Updates.Text(1, 0, "refused")));
        await ada.ReceiveAsync();
        Assert.Single(harness.Log.UpdatesOf("doc"));
    }

    [Fact]
    public async Task A_peer_without_rights_is_closed_with_4403()
    {
        await using var harness = new RoomHarness();
        PeerIdentity identity = Identity(harness, "ada");
        TestPeer ada = await harness.JoinAsync(identity: identity);

        await TellAsync(ada, new NewRights(identity, DocumentRights.None));
        await ada.ReceiveAsync();

        Assert.Equal(CloseCode.Forbidden, ada.Closed?.Code);
    }

    [Fact]
    public async Task A_verdict_about_a_token_that_was_replaced_meanwhile_does_not_count()
    {
        await using var harness = new RoomHarness();
        PeerIdentity first = Identity(harness, "ada", TimeSpan.FromSeconds(30));
        TestPeer ada = await harness.JoinAsync(identity: first);

        await TellAsync(ada, new NewRights(Identity(harness, "ada"), DocumentRights.Write, ReplacesIdentity: true));
        await TellAsync(ada, new NewRights(first, DocumentRights.None));
        await harness.TickAsync(TimeSpan.FromMinutes(1));
        await ada.ReceiveAsync();

        Assert.Null(ada.Closed);
    }

    [Fact]
    public async Task A_new_token_of_somebody_else_closes_the_peer()
    {
        await using var harness = new RoomHarness();
        TestPeer ada = await harness.JoinAsync(identity: Identity(harness, "ada"));

        await TellAsync(ada, new NewRights(Identity(harness, "eve"), DocumentRights.Write, ReplacesIdentity: true));
        await ada.ReceiveAsync();

        Assert.Equal(CloseCode.Forbidden, ada.Closed?.Code);
    }

    [Fact]
    public async Task Nobody_takes_the_presence_of_another_user_and_states_carry_the_name_in_the_token_if_configured()
    {
        await using var harness = new RoomHarness(options => options.Awareness.StampUser = true);
        TestPeer watcher = await harness.JoinAsync();
        TestPeer ada = await harness.JoinAsync(identity: Identity(harness, "ada", name: "Ada"));
        TestPeer eve = await harness.JoinAsync(identity: Identity(harness, "eve"));
        await watcher.ReceiveAsync();

        await ada.SendAsync(Updates.AwarenessFrame(1, 1, """{"user":{"name":"Bob"}}"""));
        byte[] seen = Assert.Single(TestPeer.PayloadsOf(await watcher.ReceiveAsync(), FrameKind.Awareness));
        Assert.Contains("""{"user":{"id":"ada","name":"Ada"}}""", System.Text.Encoding.UTF8.GetString(seen), StringComparison.Ordinal);

        await eve.SendAsync(Updates.AwarenessFrame(1, 9, """{"user":{"name":"Ada"}}"""));
        Assert.Empty(TestPeer.PayloadsOf(await watcher.ReceiveAsync(), FrameKind.Awareness));
    }

    [Fact]
    public async Task Updates_are_logged_under_the_user_s_id()
    {
        await using var harness = new RoomHarness();
        TestPeer ada = await harness.JoinAsync(identity: Identity(harness, "ada"));

        await ada.SendUpdateAsync(Updates.Text(1, 0, "a"));
        await ada.ReceiveAsync();

        Assert.Equal("ada", harness.Log.LastPrincipal);
    }

    private sealed class YDocOf(ulong client)
    {
        private readonly YDoc _document = new(new YDocOptions { ClientId = client });

        public byte[] Set(string value)
        {
            _document.GetMap("map").Set("key", value);
            return _document.EncodeStateAsUpdate();
        }
    }

    private static PeerIdentity Identity(RoomHarness harness, string user, TimeSpan? lifetime = null, string? name = null)
    {
        var identity = new ClaimsIdentity([new Claim("sub", user)], "test", "sub", "role");
        if (name is not null)
            identity.AddClaim(new Claim("name", name));
        return new PeerIdentity(new ClaimsPrincipal(identity), lifetime is { } time ? harness.Time.GetUtcNow() + time : DateTimeOffset.MaxValue);
    }

    private static async Task TellAsync(TestPeer peer, NewRights rights) =>
        Assert.True(await peer.Room!.PostAsync(new RoomMessage(RoomMessageKind.Rights, peer.Peer, Reply: rights), CancellationToken.None));
}
