// Presence: who is here is seen at once, leaves when the connection does, and can't be forged.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { connect, connectEachVersion, versions } from './lib/clients.mjs'
import { updatesOf } from './lib/documents.mjs'
import { awareness, bytes, hex, queryAwareness, step1, update } from './lib/frames.mjs'
import { RawSocket } from './lib/raw-socket.mjs'
import { startServer } from './lib/server.mjs'
import { until } from './lib/until.mjs'

// Clients repeat their state every 15 s on their own; what is to be seen at once must be there well before that.
const AT_ONCE_MS = 7_000

let server
before(async () => { server = await startServer() })
after(() => server?.stop())

const stateOf = (client, id) => client.awareness.getStates().get(id)

/** Waits until everybody has everybody's state. */
const everybodySeesEverybody = (clients, ms = AT_ONCE_MS) => until(
  () => clients.every(one => clients.every(other => stateOf(one, other.id)?.name === other.awareness.getLocalState().name)),
  'all clients to see each other', ms,
  () => clients.map(client => `${client.id} (${client.version}): ${JSON.stringify([...client.awareness.getStates()])}`).join('\n'))

/** A raw socket that is past its greeting and takes no part itself. */
const observe = async (t, name) => {
  const observer = await RawSocket.join(t, server, name)
  await settle(observer)
  return observer
}

/** Waits until the server has dealt with everything this socket sent, and this socket has everything the server sent it until then. */
const settle = async raw => {
  raw.send(step1())
  await raw.nextOfKind('step2')
}

/** The entries for `id` that a raw socket has received so far. */
const entriesFor = (raw, id) => raw.parsed.flatMap(message => message.entries ?? []).filter(entry => entry.id === id)

const waitForEntry = (raw, id, accept, what) => until(() => entriesFor(raw, id).find(accept), what, AT_ONCE_MS, () => raw.dump())

test('States appear at all clients, of those who were there and of those who come', async t => {
  const clients = versions.map(version => connect(t, server, 'appear', { version, state: { name: `user of ${version}` } }))
  await everybodySeesEverybody(clients)
  const late = connect(t, server, 'appear', { state: { name: 'late' } })
  await everybodySeesEverybody([...clients, late])
})

test('A state that changes is seen, with its text as it was sent', async t => {
  const [a, b, c] = await connectEachVersion(t, server, 'change')
  a.awareness.setLocalState({ name: 'Зоя 🙂', cursor: { anchor: [1, 2.5, null] }, '': '\u0000"\\' })
  await until(() => stateOf(b, a.id) && stateOf(c, a.id), 'the state')
  assert.deepEqual(stateOf(b, a.id), a.awareness.getLocalState())
  a.awareness.setLocalStateField('cursor', null)
  await until(() => stateOf(c, a.id)?.cursor === null && stateOf(b, a.id)?.cursor === null, 'the change')
  // The JSON text is not ours to rewrite: key order, number format and escapes stay.
  const json = '{"z":1.50e1, "a" : "\\u0041"}'
  const raw = await RawSocket.join(t, server, 'change')
  const observer = await observe(t, 'change')
  raw.send(awareness({ id: 650, clock: 1, json }))
  await until(() => observer.messages.some(message => hex(message).includes(hex(Buffer.from(json)))), 'the state as it was sent', AT_ONCE_MS, () => observer.dump())
})

test('A refresh with the same state is passed on, or the others would drop a silent user', async t => {
  const [a, b] = await connectEachVersion(t, server, 'refresh', { state: { name: 'same' } })
  await until(() => stateOf(b, a.id), 'the state')
  const clock = () => b.awareness.meta.get(a.id).clock
  const before = clock()
  a.awareness.setLocalState(a.awareness.getLocalState())
  await until(() => clock() > before, 'the refresh')
})

test('A client hears its own state back, which is what keeps its connection alive', async t => {
  const raw = await RawSocket.join(t, server, 'own-echo')
  raw.send(awareness({ id: 651, clock: 1, state: {} }))
  raw.send(awareness({ id: 651, clock: 2, state: {} }))
  await waitForEntry(raw, 651, entry => entry.clock === 2 && entry.state !== null, 'the own state')
})

for (const version of versions) {
  test(`A ${version} client that is closed leaves, and the removal keeps its clock`, async t => {
    const name = `leave-${version}`
    const observer = await observe(t, name)
    const staying = await connect(t, server, name).synced()
    const leaving = await connect(t, server, name, { version, state: { name: 'leaving' } }).synced()
    await until(() => stateOf(staying, leaving.id), 'the state')
    const { id } = leaving
    leaving.provider.destroy()
    await until(() => !stateOf(staying, id), 'the departure', AT_ONCE_MS)
    const removal = await waitForEntry(observer, id, entry => entry.state === null, 'the removal')
    const last = entriesFor(observer, id).filter(entry => entry.state !== null).at(-1)
    assert.equal(removal.clock, last.clock)
  })

  test(`A ${version} client whose connection is cut leaves, and the removal keeps its clock`, async t => {
    const name = `cut-${version}`
    const observer = await observe(t, name)
    const staying = await connect(t, server, name).synced()
    const leaving = await connect(t, server, name, { version, state: { name: 'leaving' } }).synced()
    await until(() => stateOf(staying, leaving.id), 'the state')
    const { id } = leaving
    leaving.provider.shouldConnect = false
    leaving.provider.ws.terminate()
    await until(() => !stateOf(staying, id), 'the departure', AT_ONCE_MS)
    const removal = await waitForEntry(observer, id, entry => entry.state === null, 'the removal')
    const last = entriesFor(observer, id).filter(entry => entry.state !== null).at(-1)
    assert.equal(removal.clock, last.clock)
  })

  test(`A ${version} client that comes back sees and is seen at once, and leaves again when it goes`, async t => {
    const name = `back-${version}`
    const staying = connect(t, server, name, { state: { name: 'staying' } })
    const traveller = connect(t, server, name, { version, state: { name: 'traveller' } })
    await everybodySeesEverybody([staying, traveller])
    await traveller.goOffline()
    await until(() => !stateOf(staying, traveller.id), 'the departure', AT_ONCE_MS)
    await traveller.goOnline()
    await everybodySeesEverybody([staying, traveller])
    // The second connection owns the state just as the first did.
    traveller.provider.shouldConnect = false
    traveller.provider.ws.terminate()
    await until(() => !stateOf(staying, traveller.id), 'the departure of the cut connection', AT_ONCE_MS)
  })

  test(`A ${version} client that comes back with news sees the others at once`, async t => {
    const name = `news-${version}`
    const staying = connect(t, server, name, { state: { name: 'staying' } })
    const traveller = connect(t, server, name, { version, state: { name: 'traveller' } })
    await everybodySeesEverybody([staying, traveller])
    await traveller.goOffline()
    // Its announcement will be news to everybody, but it has still forgotten the others.
    traveller.awareness.setLocalStateField('typed', 'while offline')
    await traveller.goOnline()
    await everybodySeesEverybody([staying, traveller])
    assert.equal(stateOf(staying, traveller.id).typed, 'while offline')
  })

  test(`A ${version} client on a bad line, which comes and goes, sees the others at once each time`, async t => {
    const name = `often-${version}`
    const staying = connect(t, server, name, { state: { name: 'staying' } })
    const traveller = connect(t, server, name, { version, state: { name: 'traveller' } })
    await everybodySeesEverybody([staying, traveller])
    for (let round = 0; round < 4; round++) {
      await traveller.goOffline()
      await until(() => !stateOf(staying, traveller.id), 'the departure', AT_ONCE_MS)
      await traveller.goOnline()
      await everybodySeesEverybody([staying, traveller])
    }
  })
}

test('A client that reconnects before its old connection is missed is not removed with it', async t => {
  const observer = await observe(t, 'overlap')
  const first = await RawSocket.join(t, server, 'overlap')
  first.send(awareness({ id: 652, clock: 1, state: { name: 'here' } }))
  await settle(first)
  const second = await RawSocket.join(t, server, 'overlap')
  second.send(awareness({ id: 652, clock: 2, state: { name: 'here' } }))
  await settle(second)
  first.terminate()
  await until(async () => (await server.metadata('overlap'))?.openPeers !== 3, 'the old connection to be missed')
  await settle(second)
  observer.send(queryAwareness)
  await settle(observer)
  const last = entriesFor(observer, 652).at(-1)
  assert.notEqual(last.state, null, observer.dump())
})

test('A client whose old connection is not missed yet comes back with news, and the others announce themselves to it', async t => {
  // A cable is pulled: the client notices at once, goes on moving its cursor, and is back before the server has noticed anything.
  const staying = await RawSocket.join(t, server, 'half-open')
  staying.send(awareness({ id: 653, clock: 5, state: { name: 'staying' } }))
  const first = await RawSocket.join(t, server, 'half-open')
  first.send(awareness({ id: 654, clock: 3, state: { name: 'traveller' } }))
  await settle(first)
  await waitForEntry(staying, 653, entry => entry.state === null, 'the nudge of the arrival')
  staying.send(awareness({ id: 653, clock: 6, state: { name: 'staying' } }))
  await settle(staying)
  const second = await RawSocket.join(t, server, 'half-open')
  second.send(awareness({ id: 654, clock: 4, state: { name: 'traveller', moved: true } }))
  // The client has dropped the state of 653 but not its clock; only a removal at clock 6 makes 653 raise it.
  await waitForEntry(staying, 653, entry => entry.state === null && entry.clock === 6, 'the request to announce itself anew')
})

test('After a crash and restart of the server everybody sees everybody at once', async t => {
  const own = await startServer()
  t.after(() => own.stop())
  const clients = versions.map(version => connect(t, own, 'restart', { version, state: { name: `user of ${version}` } }))
  await everybodySeesEverybody(clients)
  for (const signal of ['SIGKILL', 'SIGTERM']) {
    await own.restart(signal)
    await until(() => clients.every(client => client.provider.synced), 'the clients to come back')
    await everybodySeesEverybody(clients)
  }
})

test('An idle room is quiet: states do not echo around', async t => {
  const clients = [...versions, ...versions].map((version, i) => connect(t, server, 'echo', { version, state: { name: `user ${i}` } }))
  const observer = await observe(t, 'echo')
  await everybodySeesEverybody(clients)
  for (const client of clients) client.awareness.setLocalStateField('cursor', client.id)
  await until(() => clients.every(one => clients.every(other => stateOf(one, other.id)?.cursor === other.id)), 'the cursors', AT_ONCE_MS)
  await settle(observer)
  const before = observer.messages.length
  await delay(2000) // silence can only be observed by listening
  const heard = observer.messages.slice(before).map(hex)
  // Six clients repeat their states every 15 s, each once: some of that may fall into the two seconds.
  assert.ok(heard.length <= clients.length, `${heard.length} frames in 2 s:\n${heard.join('\n')}`)
})

test('A state that others repeat is not theirs: it stays with its owner, and nobody is disconnected', async t => {
  const observer = await observe(t, 'relay')
  const owner = await RawSocket.join(t, server, 'relay')
  const sibling = await RawSocket.join(t, server, 'relay')
  owner.send(awareness({ id: 660, clock: 3, state: { name: 'owner' } }))
  await settle(owner)
  sibling.send(awareness({ id: 661, clock: 1, state: { name: 'sibling' } }))
  // What tabs of one browser do: they tell each other over a BroadcastChannel and each sends on what it heard.
  sibling.send(awareness({ id: 660, clock: 3, state: { name: 'owner' } }))
  sibling.send(awareness({ id: 660, clock: 4, state: { name: 'owner, newer' } }, { id: 661, clock: 2, state: { name: 'sibling, newer' } }))
  await settle(sibling)
  sibling.terminate()
  await waitForEntry(observer, 661, entry => entry.state === null, 'the sibling to leave')
  assert.equal(entriesFor(observer, 661).some(entry => entry.state?.name === 'sibling, newer'), true)
  await settle(owner)
  assert.equal(owner.closed, null)
  observer.send(queryAwareness)
  await settle(observer)
  assert.deepEqual(entriesFor(observer, 660).at(-1), { id: 660, clock: 3, state: { name: 'owner' } })
})

test('A state of somebody who has no connection of their own is passed on', async t => {
  const observer = await observe(t, 'foreign')
  const relay = await RawSocket.join(t, server, 'foreign')
  relay.send(awareness({ id: 662, clock: 1, state: { name: 'relay' } }))
  relay.send(awareness({ id: 663, clock: 5, state: { name: 'without a connection' } }))
  await waitForEntry(observer, 663, entry => entry.clock === 5 && entry.state?.name === 'without a connection', 'the foreign state')
  relay.terminate()
  await waitForEntry(observer, 662, entry => entry.state === null, 'the relay to leave')
  assert.ok(entriesFor(observer, 663).every(entry => entry.state !== null), 'only what was the connection\'s own goes with it')
})

test('Tabs of one browser, which also talk among themselves, and a stranger see each other come and go', async t => {
  // Without disableBc the providers of this process relay everything to each other, as the tabs of one browser do.
  const tabs = ['1.5', '2.1', '3.1'].map(version => connect(t, server, 'tabs', { version, disableBc: false, state: { name: `tab ${version}` } }))
  const stranger = connect(t, server, 'tabs', { state: { name: 'stranger' } })
  await everybodySeesEverybody([...tabs, stranger])
  for (const tab of tabs) tab.awareness.setLocalStateField('cursor', tab.id)
  await until(() => tabs.every(tab => stateOf(stranger, tab.id).cursor === tab.id), 'the cursors')
  tabs[0].text.insert(0, 'typed in a tab')
  await until(() => stranger.text.toString() === 'typed in a tab', 'the text')

  const [gone, ...staying] = tabs
  const { id } = gone
  gone.destroy()
  await until(() => [...staying, stranger].every(client => !stateOf(client, id)), 'the closed tab to leave', AT_ONCE_MS)
  await everybodySeesEverybody([...staying, stranger])
  await stranger.goOffline()
  await stranger.goOnline()
  await everybodySeesEverybody([...staying, stranger])
  assert.deepEqual(staying.map(client => client.closes), [[], []])
})

test('Nobody can remove or change somebody else', async t => {
  const victim = await connect(t, server, 'forged', { state: { name: 'victim' } }).synced()
  const friend = await connect(t, server, 'forged', { version: '1.5', state: { name: 'friend' } }).synced()
  await everybodySeesEverybody([victim, friend])
  const observer = await observe(t, 'forged')
  const forger = await RawSocket.join(t, server, 'forged')
  forger.send(awareness({ id: 664, clock: 1, state: { name: 'forger' } }))
  const clock = victim.awareness.meta.get(victim.id).clock
  for (const forged of [
    { id: victim.id, clock, state: null },
    { id: victim.id, clock: clock + 1, state: null },
    { id: victim.id, clock: 1000, state: null },
    { id: victim.id, clock: 2 ** 53 - 1, state: null },
    { id: victim.id, clock: 1001, state: { name: 'forged' } }
  ]) {
    forger.send(awareness(forged))
    forger.send(awareness({ id: 664, clock: forged.clock + 1 > 2 ** 53 - 2 ? 900 : forged.clock + 1, state: { name: 'forger' } }, forged))
  }
  await settle(forger)
  forger.send(awareness({ id: 664, clock: 2000, state: { name: 'done' } }))
  await waitForEntry(observer, 664, entry => entry.clock === 2000, 'the last frame of the forger')
  for (const entry of entriesFor(observer, victim.id)) assert.deepEqual(entry.state, { name: 'victim' }, observer.dump())
  assert.deepEqual(stateOf(friend, victim.id), { name: 'victim' })
  assert.equal(victim.awareness.meta.get(victim.id).clock, clock, 'the victim never noticed')
  victim.awareness.setLocalState({ name: 'victim, moved' })
  await until(() => stateOf(friend, victim.id)?.name === 'victim, moved', 'the victim\'s next change', AT_ONCE_MS)
  assert.deepEqual([victim.closes, friend.closes], [[], []])
})

test('A nudge goes to the owner alone', async t => {
  const observer = await observe(t, 'nudge')
  const first = await RawSocket.join(t, server, 'nudge')
  first.send(awareness({ id: 665, clock: 4, state: { name: 'first' } }))
  await waitForEntry(first, 665, entry => entry.state === null, 'the nudge')
  await settle(first)
  await settle(observer)
  assert.ok(entriesFor(observer, 665).every(entry => entry.state !== null), observer.dump())
})

test('A client that starts silent, with the empty state at clock 0, is nudged by nobody', async t => {
  const raw = await RawSocket.join(t, server, 'silent')
  raw.send(awareness({ id: 666, clock: 0, state: {} }))
  await settle(raw)
  assert.deepEqual(entriesFor(raw, 666), [])
})

test('A query for the states is answered with all of them', async t => {
  const clients = [connect(t, server, 'query', { version: '1.5', state: { name: 'a' } }), connect(t, server, 'query', { state: { name: 'b' } })]
  await everybodySeesEverybody(clients)
  const raw = await observe(t, 'query')
  const before = raw.messages.length
  raw.send(queryAwareness)
  await until(() => raw.parsed.slice(before).some(({ entries }) => entries && clients.every(client => entries.some(entry => entry.id === client.id && entry.state !== null))),
    'the answer', AT_ONCE_MS, () => raw.dump())
  assert.equal(raw.closed, null)
})

test('A new socket is told who is here in one frame', async t => {
  const clients = [connect(t, server, 'greeting', { version: '2.1', state: { name: 'a' } }), connect(t, server, 'greeting', { state: { name: 'b' } })]
  await everybodySeesEverybody(clients)
  const raw = await RawSocket.join(t, server, 'greeting')
  const told = await raw.next(message => message.kind === 'awareness' && message.entries.length > 0, 'the states')
  assert.deepEqual(new Set(told.entries.map(entry => entry.id)), new Set(clients.map(client => client.id)))
})

test('Clients without presence get each other\'s edits', async t => {
  const [a, b] = [connect(t, server, 'no-presence', { version: '1.5', state: null }), connect(t, server, 'no-presence', { state: null })]
  await a.synced()
  await b.synced()
  a.text.insert(0, 'a')
  b.text.insert(0, 'b')
  await until(() => a.text.length === 2 && b.text.length === 2, 'the edits')
  const raw = await RawSocket.join(t, server, 'no-presence')
  raw.send(update(updatesOf(667, doc => doc.getText('text').insert(0, 'c'))[0]))
  await until(() => a.text.length === 3 && b.text.length === 3, 'the edit of a client that never spoke of presence')
})

test('A lower clock changes nothing', async t => {
  const observer = await observe(t, 'clock')
  const raw = await RawSocket.join(t, server, 'clock')
  raw.send(awareness({ id: 668, clock: 7, state: { at: 7 } }))
  raw.send(awareness({ id: 668, clock: 6, state: { at: 6 } }))
  raw.send(awareness({ id: 668, clock: 7, state: { at: 'seven again' } }))
  raw.send(awareness({ id: 668, clock: 8, state: { at: 8 } }))
  await waitForEntry(observer, 668, entry => entry.clock === 8, 'the last state')
  assert.deepEqual(entriesFor(observer, 668).map(entry => entry.state.at), [7, 8])
})

test('An empty awareness frame and an unanswerable one are harmless', async t => {
  const raw = await RawSocket.join(t, server, 'harmless')
  raw.send(bytes('01 01 00'))
  raw.send(awareness({ id: 2 ** 53 - 1, clock: 1, state: {} }))
  await settle(raw)
  assert.equal(raw.closed, null)
})
