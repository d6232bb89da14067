using System.Runtime.InteropServices;
using CoEdit.Crdt;

namespace CoEdit.Protocol;

/// <summary>The ephemeral states of the clients of one room: who is here, and what each wants the others to know.</summary>
/// <remarks>
/// <para>
/// Owned by the room's loop: no locks, no clock of its own. Time comes in as milliseconds of any clock that never goes back.
/// Byte arrays that go in and out are awareness updates without their frame; see <see cref="SyncProtocol.Awareness(ReadOnlySpan{byte})"/>.
/// </para>
/// <para>
/// <i>Accept rule</i>, as in every client: an entry replaces what is known (clock 0 for an unknown client) when its clock is higher, or
/// when it removes a state at the very same clock. A removal keeps the clock.
/// </para>
/// <para>
/// <i>Home rule.</i> Clients send foreign states legally: y-websocket sends every state back that it was told, and the tabs of one browser
/// relay each other. So a connection owns one client only, its home: the one client that its first message with a state is about. While a
/// home is open, entries for that client from other connections are dropped; without one they are accepted, belong to nobody and expire.
/// A client may have several homes (a reconnect whose old socket is still half open); it is removed when the last one closes. Where
/// connections have an <see cref="AwarenessIdentity"/>, a home client is bound to its principal for as long as its clock is remembered:
/// what anybody else says about it is dropped.
/// </para>
/// <para>
/// <i>Nudge.</i> A client that comes back announces itself with the clock that everybody remembers and would be ignored until its next
/// refresh, up to 15 s later; and it ignores the others in the same way. Told that its own state was removed, a client raises its clock and
/// announces itself anew. So every connection is told that once, after its first state; and when the client had been here before, all
/// others are told too. The table's own entries stay as they are meanwhile: the new announcements are above both the clock in the nudge and
/// the clock in the table.
/// </para>
/// </remarks>
public sealed class AwarenessTable
{
    // A client counts up by one per change, so an honest clock never gets here. Below 2^53 there has to be room for the raises that nudges
    // cause; and what strangers may claim for an absent client stays far enough below for the client itself to get past it.
    private const ulong MaxClock = 1UL << 52;
    private const ulong MaxRelayedClock = 1UL << 40;

    private readonly AwarenessOptions _options;
    private readonly long _timeoutMs;
    private readonly long _minNudgeIntervalMs;
    private readonly Dictionary<ulong, AwarenessEntry> _entries = [];

    // Clients without a state and without an open home, in the order of their removal: only their clocks are still of use.
    private readonly LinkedList<AwarenessEntry> _removed = new();

    // Scratch of Apply and Expire; empty between calls.
    private readonly List<AwarenessEntry> _accepted = [];

    // Somebody who is back waits for the others to announce themselves; a round that comes too soon after the last is made up for later.
    private bool _owesNudgeRound;
    private long? _lastNudgeRoundMs;

    /// <summary>Creates an empty table.</summary>
    /// <param name="options">Limits and times; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option has a value that makes no sense.</exception>
    public AwarenessTable(AwarenessOptions? options = null)
    {
        _options = options ?? new AwarenessOptions();
        _options.Validate();
        _timeoutMs = (long)_options.Timeout.TotalMilliseconds;
        _minNudgeIntervalMs = (long)_options.MinNudgeInterval.TotalMilliseconds;
    }

    /// <summary>How many clients have a state.</summary>
    public int Count { get; private set; }

    /// <summary>A copy of the current states, in no particular order. The JSON is shared with the table and never changes.</summary>
    public IReadOnlyCollection<AwarenessState> States
    {
        get
        {
            var states = new List<AwarenessState>(Count);
            foreach (AwarenessEntry entry in _entries.Values)
            {
                if (entry.HasState)
                    states.Add(new AwarenessState(entry.ClientId, entry.Clock, entry.State));
            }

            return states;
        }
    }

    internal int RememberedCount => _entries.Count - Count;

    /// <summary>Registers a connection. The room sends it <see cref="EncodeAll()"/> and calls <see cref="Leave"/> in the end.</summary>
    /// <param name="identity">Who is behind the connection; null when that is not known.</param>
    public AwarenessPeer Join(AwarenessIdentity? identity = null) => new(this, identity);

    /// <summary>Takes in an awareness update from a connection.</summary>
    /// <param name="from">The connection, as given by <see cref="Join"/>.</param>
    /// <param name="awarenessUpdate">The payload of an awareness message.</param>
    /// <param name="nowMs">The current time.</param>
    /// <returns>What to send to whom. Entries that are stale, foreign or above a limit are dropped without a trace in it.</returns>
    /// <exception cref="MalformedUpdateException">The bytes are not an awareness update. Nothing was changed.</exception>
    /// <exception cref="ArgumentException">The connection is not, or no longer, one of this table.</exception>
    public AwarenessEffects Apply(AwarenessPeer from, ReadOnlySpan<byte> awarenessUpdate, long nowMs)
    {
        ArgumentNullException.ThrowIfNull(from);
        if (from.Table != this)
            throw new ArgumentException("The peer has left or belongs to another table.", nameof(from));
        AwarenessUpdateReader.Validate(
            awarenessUpdate, 2UL * (ulong)_options.MaxClients, _options.MaxStateBytes, out bool namesOneClient, out bool carriesState);

        bool mayFindHome = from.Home is null && namesOneClient && carriesState;
        bool isFirst = !from.HasAnnounced;
        from.HasAnnounced |= carriesState;

        byte[]? nudge = null;
        var entries = new AwarenessUpdateReader(awarenessUpdate);
        while (entries.MoveNext())
        {
            if (mayFindHome && from.Home is null && !entries.IsRemoval)
                FindHome(from, isFirst, in entries);
            if (from.Home is { } home && home.ClientId == entries.ClientId)
                ApplyHome(from, home, in entries, nowMs, ref nudge);
            else
                ApplyRelayed(from, in entries, nowMs);
        }

        bool nudgeOthers = TakeNudgeRound(nowMs);
        if (nudgeOthers)
            nudge ??= EncodeHomeRemoval(from); // if the debt is older than this message, its sender takes part in the round

        byte[]? relay = null;
        if (_accepted.Count > 0)
        {
            relay = Encode(CollectionsMarshal.AsSpan(_accepted));
            ClearAccepted();
        }

        return new AwarenessEffects(relay, nudge, nudgeOthers);
    }

    /// <summary>
    /// True when a nudge round is owed and due: send <see cref="EncodeHomeRemoval"/> to every peer. A round that came too soon after
    /// another is made up for this way; the room asks now and then.
    /// </summary>
    public bool TakeNudgeRound(long nowMs)
    {
        if (!_owesNudgeRound || (_lastNudgeRoundMs is { } last && nowMs - last < _minNudgeIntervalMs))
            return false;
        _owesNudgeRound = false;
        _lastNudgeRoundMs = nowMs;
        return true;
    }

    /// <summary>Ends a connection: its home client is removed, unless another open connection stands for it.</summary>
    /// <param name="peer">The connection. Leaving a second time does nothing.</param>
    /// <param name="nowMs">The current time; every change of the table is told it, this one does not depend on it.</param>
    /// <returns>The removal, at the clock last seen, for every remaining peer; or null when there is nothing to tell.</returns>
    /// <exception cref="ArgumentException">The connection belongs to another table.</exception>
    public byte[]? Leave(AwarenessPeer peer, long nowMs)
    {
        ArgumentNullException.ThrowIfNull(peer);
        if (peer.Table is null)
            return null;
        if (peer.Table != this)
            throw new ArgumentException("The peer belongs to another table.", nameof(peer));
        peer.Table = null;
        if (peer.Home is not { } entry)
            return null;

        entry.RemoveHome(peer);
        if (entry.HasOpenHome)
            return null;
        bool hadState = entry.HasState;
        DropState(entry);
        Forget(entry);
        return hadState ? EncodeRemoval(entry.ClientId, entry.Clock) : null;
    }

    /// <summary>Removes every state that was not refreshed for <see cref="AwarenessOptions.Timeout"/>.</summary>
    /// <remarks>Cost: one look at every client; meant to be called every few seconds.</remarks>
    /// <param name="nowMs">The current time.</param>
    /// <returns>The removals, at the clocks last seen, for every peer; or null when there are none.</returns>
    public byte[]? Expire(long nowMs)
    {
        foreach (AwarenessEntry entry in _entries.Values)
        {
            if (entry.HasState && nowMs - entry.RefreshedAtMs >= _timeoutMs)
                Accept(entry);
        }

        if (_accepted.Count == 0)
            return null;
        foreach (AwarenessEntry entry in _accepted)
        {
            DropState(entry);
            Forget(entry);
        }

        byte[] removals = Encode(CollectionsMarshal.AsSpan(_accepted));
        ClearAccepted();
        return removals;
    }

    /// <summary>All current states, for somebody who joins or asks; null when there are none.</summary>
    public byte[]? EncodeAll() => EncodeAll([]);

    /// <summary>All current states, and the removal of each client in <paramref name="shown"/> that has none; null when that is nothing.</summary>
    /// <param name="shown">Clients that the receiver may still show, because it missed messages. Unknown ones are passed over.</param>
    public byte[]? EncodeAll(IEnumerable<ulong> shown)
    {
        ArgumentNullException.ThrowIfNull(shown);
        foreach (AwarenessEntry entry in _entries.Values)
        {
            if (entry.HasState)
                Accept(entry);
        }

        foreach (ulong client in shown)
        {
            if (_entries.TryGetValue(client, out AwarenessEntry? entry))
                Accept(entry);
        }

        if (_accepted.Count == 0)
            return null;
        byte[] all = Encode(CollectionsMarshal.AsSpan(_accepted));
        ClearAccepted();
        return all;
    }

    /// <summary>Adds the clients that an awareness update names to <paramref name="clients"/>.</summary>
    /// <exception cref="MalformedUpdateException">The bytes are not an awareness update; some clients may have been added.</exception>
    public static void ReadClients(ReadOnlySpan<byte> awarenessUpdate, ISet<ulong> clients)
    {
        ArgumentNullException.ThrowIfNull(clients);
        var entries = new AwarenessUpdateReader(awarenessUpdate);
        while (entries.MoveNext())
            clients.Add(entries.ClientId);
    }

    /// <summary>The nudge for one connection: its home client, removed at its current clock. For that connection only.</summary>
    /// <returns>
    /// Null when the connection has no home, the home has no state, or another connection announced that state last: the wrong receiver
    /// would take the removal for real and pass it on.
    /// </returns>
    public byte[]? EncodeHomeRemoval(AwarenessPeer peer)
    {
        ArgumentNullException.ThrowIfNull(peer);
        return peer.Table == this && peer.Home is { HasState: true, Clock: < MaxClock } home && home.NewestHome == peer
            ? EncodeRemoval(home.ClientId, home.Clock)
            : null;
    }

    // The first message with a state names the home, even at clock 0. A socket whose first message was about several clients was silent
    // about itself and sent back what it had been told; it finds its home later, with the first single client that is news from it.
    private void FindHome(AwarenessPeer peer, bool isFirst, in AwarenessUpdateReader entry)
    {
        _entries.TryGetValue(entry.ClientId, out AwarenessEntry? known);
        if (!isFirst && (known is { HasOpenHome: true } || entry.Clock <= (known?.Clock ?? 0)))
            return;
        if (known is not null && known.IsForeignTo(peer))
            return;
        known ??= Add(entry.ClientId);
        Remember(known);
        known.SetRelayedBy(null);
        known.AddHome(peer);
        if (known.Clock == 0)
            Prove(peer, known); // never heard of, so it can't be an echo
    }

    private void ApplyHome(AwarenessPeer from, AwarenessEntry home, in AwarenessUpdateReader entry, long nowMs, ref byte[]? nudge)
    {
        if (entry.Clock > MaxClock)
            return;
        if (home.IsForeignTo(from))
        {
            // An echo took this for its home before the owner came.
            home.RemoveHome(from);
            Forget(home);
            return;
        }

        bool isRemoval = entry.IsRemoval;
        bool isNews = IsNews(home, entry.Clock, isRemoval);
        if (isRemoval)
        {
            // A client that is told of its own removal raises its clock, and so does one that leaves. Whoever just repeats the nudge is not
            // that client: it had no state of its own, and its first message was an echo.
            if (!from.HomeIsProven && entry.Clock <= from.NudgeClock)
            {
                home.RemoveHome(from);
                Forget(home);
            }
            else if (isNews)
            {
                DropState(home);
                home.Clock = entry.Clock;
                Accept(home);
            }

            return;
        }

        if (entry.Json.Length > _options.MaxStateBytes || (!home.HasState && Count >= _options.MaxClients))
            return;
        bool wasHereBefore = home.Clock > 0;
        if (isNews)
        {
            SetState(home, from, entry.Clock, entry.Json, nowMs);
            home.MakeNewestHome(from);
            Prove(from, home);
            Accept(home);
        }

        ulong clock = Math.Max(entry.Clock, home.Clock);
        if (from.NudgeClock is not null || entry.Clock == 0 || clock == MaxClock)
            return;
        from.NudgeClock = clock;
        nudge = EncodeRemoval(home.ClientId, clock);

        // Somebody is back, and while it was away it dropped the others' states, but not their clocks. Its own clock says nothing about
        // that: it is the known one, or higher if the user went on working meanwhile.
        _owesNudgeRound |= wasHereBefore;
    }

    private static void Prove(AwarenessPeer peer, AwarenessEntry home)
    {
        peer.HomeIsProven = true;
        home.Owner ??= peer.Identity?.Principal;
    }

    private void ApplyRelayed(AwarenessPeer from, in AwarenessUpdateReader entry, long nowMs)
    {
        if (entry.Clock > MaxRelayedClock)
            return;
        _entries.TryGetValue(entry.ClientId, out AwarenessEntry? known);
        bool isRemoval = entry.IsRemoval;
        if (known is { HasOpenHome: true } || !IsNews(known, entry.Clock, isRemoval) || (known is not null && known.IsForeignTo(from)))
            return;

        if (isRemoval)
        {
            if (known is null)
            {
                // Nobody shows this client, so there is nothing to tell; and strangers' removals must not push out the clocks that matter.
                if (_removed.Count < _options.MaxRemovedClients)
                {
                    known = Add(entry.ClientId);
                    known.Clock = entry.Clock;
                    Forget(known);
                }

                return;
            }

            DropState(known);
            known.Clock = entry.Clock;
            Forget(known);
            Accept(known);
            return;
        }

        if (entry.Json.Length > _options.MaxStateBytes ||
            (known is not { HasState: true } && Count >= _options.MaxClients / 2) ||
            (known?.RelayedBy != from && from.RelayedCount >= _options.MaxRelayedIds))
            return;

        known ??= Add(entry.ClientId);
        Remember(known);
        SetState(known, from, entry.Clock, entry.Json, nowMs);
        known.SetRelayedBy(from);
        Accept(known);
    }

    private static bool IsNews(AwarenessEntry? known, ulong clock, bool isRemoval)
    {
        ulong knownClock = known?.Clock ?? 0;
        return knownClock < clock || (knownClock == clock && isRemoval && known is { HasState: true });
    }

    private AwarenessEntry Add(ulong clientId)
    {
        var entry = new AwarenessEntry(clientId);
        _entries.Add(clientId, entry);
        return entry;
    }

    private void SetState(AwarenessEntry entry, AwarenessPeer from, ulong clock, ReadOnlySpan<byte> json, long nowMs)
    {
        if (!entry.HasState)
            Count++;
        entry.Clock = clock;
        entry.RefreshedAtMs = nowMs;
        if (!json.SequenceEqual(entry.State)) // a refresh every 15 s repeats the state
            entry.State = from.Identity?.Stamp(json) ?? json.ToArray();
    }

    private void DropState(AwarenessEntry entry)
    {
        if (entry.HasState)
            Count--;
        entry.State = null;
        entry.SetRelayedBy(null);
    }

    // An entry without state and home goes to the end of the queue of removed clients; one that never had a clock is of no use there.
    private void Forget(AwarenessEntry entry)
    {
        if (entry.HasState || entry.HasOpenHome || entry.RemovedNode is not null)
            return;
        if (entry.Clock == 0)
        {
            _entries.Remove(entry.ClientId);
            return;
        }

        entry.RemovedNode = _removed.AddLast(entry);
        if (_removed.Count > _options.MaxRemovedClients)
        {
            AwarenessEntry oldest = _removed.First!.Value;
            Remember(oldest);
            _entries.Remove(oldest.ClientId);
        }
    }

    private void Remember(AwarenessEntry entry)
    {
        if (entry.RemovedNode is not { } node)
            return;
        _removed.Remove(node);
        entry.RemovedNode = null;
    }

    private void Accept(AwarenessEntry entry)
    {
        if (entry.IsAccepted)
            return;
        entry.IsAccepted = true;
        _accepted.Add(entry);
    }

    private void ClearAccepted()
    {
        foreach (AwarenessEntry entry in _accepted)
            entry.IsAccepted = false;
        _accepted.Clear();
    }

    private static byte[] Encode(ReadOnlySpan<AwarenessEntry> entries)
    {
        int size = Lib0Writer.VarUIntLength((ulong)entries.Length);
        foreach (AwarenessEntry entry in entries)
        {
            int json = entry.State?.Length ?? 4;
            size = checked(size + Lib0Writer.VarUIntLength(entry.ClientId) + Lib0Writer.VarUIntLength(entry.Clock) +
                Lib0Writer.VarUIntLength((ulong)json) + json);
        }

        var update = new byte[size];
        int position = Lib0Writer.PutVarUInt(update, (ulong)entries.Length);
        foreach (AwarenessEntry entry in entries)
            position += Put(update.AsSpan(position), entry.ClientId, entry.Clock, entry.HasState ? entry.State : "null"u8);
        return update;
    }

    private static byte[] EncodeRemoval(ulong clientId, ulong clock)
    {
        var update = new byte[1 + Lib0Writer.VarUIntLength(clientId) + Lib0Writer.VarUIntLength(clock) + 5];
        update[0] = 1;
        Put(update.AsSpan(1), clientId, clock, "null"u8);
        return update;
    }

    private static int Put(Span<byte> target, ulong clientId, ulong clock, ReadOnlySpan<byte> json)
    {
        int position = Lib0Writer.PutVarUInt(target, clientId);
        position += Lib0Writer.PutVarUInt(target[position..], clock);
        position += Lib0Writer.PutVarUInt(target[position..], (ulong)json.Length);
        json.CopyTo(target[position..]);
        return position + json.Length;
    }
}
