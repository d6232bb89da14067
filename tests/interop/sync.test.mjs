// What every pair of published clients expects of a server: what one writes, all have, whatever the order and the detours.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import * as Y from 'yjs'
import { connect, connectEachVersion, versions } from './lib/clients.mjs'
import { assertSameDocument, contentOf, converge, convergeWithServer, loadState, updatesOf } from './lib/documents.mjs'
import { bytes, hex, step1, step2, update } from './lib/frames.mjs'
import { RawSocket } from './lib/raw-socket.mjs'
import { startServer } from './lib/server.mjs'
import { until } from './lib/until.mjs'

let server
before(async () => { server = await startServer() })
after(() => server?.stop())

/** How often `part` occurs in `text`. */
const count = (text, part) => text.split(part).length - 1

test('Three clients, one of each version, converge on text', async t => {
  const clients = await connectEachVersion(t, server, 'versions-text')
  clients.forEach((client, i) => client.text.insert(0, `${client.version} was here. `.repeat(i + 1)))
  await convergeWithServer(server, 'versions-text', clients.map(client => client.doc))
  clients.forEach((client, i) => client.text.format(i * 3, 7, { bold: i !== 1, size: i }))
  clients.forEach((client, i) => client.text.delete(i * 5, 4))
  clients.forEach(client => client.text.insertEmbed(2, { image: `of ${client.version}` }))
  await convergeWithServer(server, 'versions-text', clients.map(client => client.doc))
})

test('Three clients, one of each version, converge on a map', async t => {
  const clients = await connectEachVersion(t, server, 'versions-map')
  for (const { doc, version } of clients) {
    const map = doc.getMap('map')
    map.set('contested', version)
    map.set(`own ${version}`, { nested: [1, -0.5, 2 ** 53 - 1, null, true, 'ключ 🙂'], big: 1234567890123456789n, bytes: Uint8Array.of(0, 255) })
  }
  await convergeWithServer(server, 'versions-map', clients.map(client => client.doc))
  for (const { doc, version } of clients) doc.getMap('map').delete(`own ${version}`)
  clients[1].doc.getMap('map').set('contested', undefined)
  await convergeWithServer(server, 'versions-map', clients.map(client => client.doc))
  assert.deepEqual(Object.keys(clients[0].doc.getMap('map').toJSON()), ['contested'])
})

test('Three clients, one of each version, converge on an array', async t => {
  const clients = await connectEachVersion(t, server, 'versions-array')
  for (const { doc, version } of clients) doc.getArray('array').insert(0, [version, 1, { deep: { er: [version] } }, null])
  await convergeWithServer(server, 'versions-array', clients.map(client => client.doc))
  assert.equal(clients[0].doc.getArray('array').length, 12)
  for (const { doc } of clients) doc.getArray('array').delete(1, 3)
  for (const { doc, version } of clients) doc.getArray('array').push([`${version} again`])
  await convergeWithServer(server, 'versions-array', clients.map(client => client.doc))
})

test('Three clients, one of each version, converge on XML', async t => {
  const clients = await connectEachVersion(t, server, 'versions-xml')
  for (const { doc, version } of clients) {
    const paragraph = new Y.XmlElement('p')
    paragraph.setAttribute('by', version)
    const text = new Y.XmlText()
    text.insert(0, `text of ${version}`, { em: { level: 1 } })
    paragraph.insert(0, [text])
    doc.getXmlFragment('xml').insert(0, [paragraph])
  }
  await convergeWithServer(server, 'versions-xml', clients.map(client => client.doc))
  for (const { doc, version } of clients) {
    const paragraph = doc.getXmlFragment('xml').get(1)
    paragraph.setAttribute('by', `${version}, later`)
    paragraph.get(0).insert(4, ` and ${version}`)
  }
  clients[2].doc.getXmlFragment('xml').delete(0, 1)
  await convergeWithServer(server, 'versions-xml', clients.map(client => client.doc))
  assert.equal(clients[0].doc.getXmlFragment('xml').length, 2)
})

test('Three clients, one of each version, converge on types within types', async t => {
  const clients = await connectEachVersion(t, server, 'versions-nested')
  const [first] = clients
  first.doc.transact(() => {
    const list = new Y.Array()
    first.doc.getMap('map').set('list', list)
    for (let i = 0; i < 3; i++) list.push([new Y.Map([['text', new Y.Text(`line ${i}`)]])])
  })
  await converge(clients.map(client => client.doc))
  for (const { doc, version } of clients) {
    const list = doc.getMap('map').get('list')
    list.get(1).get('text').insert(0, `${version} `)
    list.get(1).set(version, new Y.Array())
    list.get(1).get(version).push([version])
  }
  clients[1].doc.getMap('map').get('list').delete(0, 1)
  await convergeWithServer(server, 'versions-nested', clients.map(client => client.doc))
  assert.equal(first.doc.getMap('map').get('list').get(0).get('text').length, 'line 1'.length + versions.join(' ').length + 1)
})

test('A client that joins late sees what was written before, with and without others present', async t => {
  const [early] = await connectEachVersion(t, server, 'late')
  early.text.insert(0, 'before')
  const present = await connect(t, server, 'late').synced()
  await until(() => present.text.toString() === 'before', 'the text to reach the second client')

  const alone = connect(t, server, 'late-alone')
  await alone.synced()
  alone.text.insert(0, 'left behind')
  const witness = await connect(t, server, 'late-alone').synced()
  await until(() => witness.text.toString() === 'left behind', 'the text to reach the server')
  await alone.goOffline()
  await witness.goOffline()
  for (const version of versions) {
    const late = await connect(t, server, 'late-alone', { version }).synced()
    assert.equal(late.text.toString(), 'left behind', version)
  }
})

for (const version of versions) {
  test(`Edits made offline with ${version} arrive after the reconnect, and once`, async t => {
    const name = `offline-${version}`
    const watcher = await connect(t, server, name).synced()
    const traveller = await connect(t, server, name, { version }).synced()
    traveller.text.insert(0, '[online]')
    await until(() => watcher.text.toString() === '[online]', 'the online edit')

    await traveller.goOffline()
    for (let i = 0; i < 20; i++) traveller.text.insert(traveller.text.length, `[offline ${i}]`)
    watcher.text.insert(0, '[meanwhile]')
    await traveller.goOnline()

    await convergeWithServer(server, name, [watcher.doc, traveller.doc])
    const text = watcher.text.toString()
    assert.equal(count(text, '[meanwhile]'), 1)
    assert.equal(count(text, '[online]'), 1)
    for (let i = 0; i < 20; i++) assert.equal(count(text, `[offline ${i}]`), 1)

    // Reconnecting again repeats everything the client has; nothing may appear twice.
    await traveller.goOffline()
    await traveller.goOnline()
    await convergeWithServer(server, name, [watcher.doc, traveller.doc])
    assert.equal(watcher.text.toString(), text)
  })

  test(`Deletions made offline with ${version} arrive after the reconnect`, async t => {
    const name = `offline-delete-${version}`
    const watcher = await connect(t, server, name).synced()
    const traveller = await connect(t, server, name, { version }).synced()
    watcher.text.insert(0, 'keep, lose, keep')
    await until(() => traveller.text.length === 16, 'the text')
    await traveller.goOffline()
    traveller.text.delete(4, 6)
    await traveller.goOnline()
    await until(() => watcher.text.toString() === 'keep, keep', 'the deletion', 20_000, () => watcher.text.toString())
    await convergeWithServer(server, name, [watcher.doc, traveller.doc])
  })
}

test('Two clients that seed the same document keep both seeds, each once, on all sides', async t => {
  const docs = ['first', 'second'].map(seed => {
    const doc = new Y.Doc()
    doc.getText('text').insert(0, `<${seed} seed>`)
    doc.getArray('array').push([seed])
    return doc
  })
  const clients = [connect(t, server, 'seeds', { doc: docs[0], version: '1.5' }), connect(t, server, 'seeds', { doc: docs[1] })]
  for (const client of clients) await client.synced()
  await convergeWithServer(server, 'seeds', docs)
  const text = docs[0].getText('text').toString()
  assert.ok(text === '<first seed><second seed>' || text === '<second seed><first seed>', text)
  assert.deepEqual(docs[0].getArray('array').toJSON().sort(), ['first', 'second'])
})

test('A paste of 5 MB reaches the others, the stored state and a late joiner', async t => {
  const clients = await connectEachVersion(t, server, 'paste')
  const pasted = 'Пять мегабайт — 5 MB 🙂\n'.repeat(160_000)
  assert.ok(Buffer.byteLength(pasted) > 5_000_000)
  clients[0].text.insert(0, pasted)
  await until(() => clients.every(client => client.text.length === pasted.length), 'the paste to arrive', 60_000)
  clients[1].text.insert(7, 'typed in the middle')
  await convergeWithServer(server, 'paste', clients.map(client => client.doc))
  assert.ok((await server.state('paste')).length > 5_000_000)
  const late = await connect(t, server, 'paste').synced()
  assertSameDocument(late.doc, clients[0].doc)
})

test('An update that arrives before the one it builds on is not lost: a late joiner gets both', async t => {
  const [one, two] = updatesOf(71, doc => doc.getText('text').insert(0, 'one '), doc => doc.getText('text').insert(4, 'two'))
  const raw = await RawSocket.join(t, server, 'out-of-order')
  raw.send(update(two))
  // The answer to a step 1 follows what was sent before it, so from here on the server has seen the update.
  raw.send(step1())
  await raw.nextOfKind('step2')

  const between = await connect(t, server, 'out-of-order').synced()
  assert.equal(between.text.toString(), '', 'nothing can be shown yet')
  raw.send(update(one))
  await until(() => between.text.toString() === 'one two', 'both updates to reach the client that was there')
  const late = await connect(t, server, 'out-of-order', { version: '1.5' }).synced()
  assert.equal(late.text.toString(), 'one two')
  await convergeWithServer(server, 'out-of-order', [between.doc, late.doc])
})

test('The early part of an out-of-order pair reaches peers that were connected before either part', async t => {
  const [one, two] = updatesOf(72, doc => doc.getText('text').insert(0, 'one '), doc => doc.getText('text').insert(4, 'two'))
  const present = await connectEachVersion(t, server, 'out-of-order-present')
  const raw = await RawSocket.join(t, server, 'out-of-order-present')
  raw.send(update(two))
  raw.send(update(one))
  await until(() => present.every(client => client.text.toString() === 'one two'), 'both updates', 20_000,
    () => present.map(client => client.text.toString()).join('|'))
})

test('A deletion that arrives before the text it deletes is not lost', async t => {
  const [insert, remove] = updatesOf(73, doc => doc.getText('text').insert(0, 'abcdef'), doc => doc.getText('text').delete(1, 4))
  const raw = await RawSocket.join(t, server, 'early-delete')
  raw.send(update(remove))
  raw.send(update(insert))
  raw.send(step1())
  await raw.nextOfKind('step2')
  const late = await connect(t, server, 'early-delete').synced()
  await until(() => late.text.toString() === 'af', 'the deletion', 20_000, () => late.text.toString())
  const stored = await loadState(server, 'early-delete')
  assert.equal(stored.getText('text').toString(), 'af')
})

test('An orphan in an update does not hold back what another client wrote in the same update', async t => {
  const doc = new Y.Doc()
  const [first, orphan] = updatesOf(74, doc => doc.getText('text').insert(0, 'first '), doc => doc.getMap('map').set('orphan', true))
  Y.applyUpdate(doc, orphan) // 74's second edit, whose first one this document never saw: parked
  doc.clientID = 75
  doc.getText('text').insert(0, 'own text')
  const everything = Y.encodeStateAsUpdate(doc)

  const watcher = await connect(t, server, 'orphan').synced()
  const raw = await RawSocket.join(t, server, 'orphan')
  raw.send(step2(everything))
  await until(() => watcher.text.toString() === 'own text', 'the text that depends on nothing')
  assert.equal((await loadState(server, 'orphan')).getText('text').toString(), 'own text')

  raw.send(update(first))
  await until(() => watcher.doc.getMap('map').get('orphan') === true, 'the orphan once its predecessor is there')
  await convergeWithServer(server, 'orphan', [watcher.doc])
  assert.deepEqual(new Set(watcher.text.toString().match(/first |own text/g)), new Set(['first ', 'own text']))
})

test('An update that changes nothing is not sent on', async t => {
  const [one, two, remove] = updatesOf(76, doc => doc.getText('text').insert(0, 'one '), doc => doc.getText('text').insert(4, 'two'),
    doc => doc.getText('text').delete(0, 1))
  const sender = await RawSocket.join(t, server, 'no-op')
  const receiver = await RawSocket.join(t, server, 'no-op')
  const empty = Uint8Array.of(0, 0)
  const sent = [update(one), update(one), step2(one), update(remove), update(remove), update(Y.mergeUpdates([one, remove])),
    update(empty), step2(empty), update(two)]
  for (const frame of sent) sender.send(frame)
  await until(() => receiver.parsed.some(frame => frame.kind === 'update' && hex(frame.update) === hex(two)), 'the last update', 20_000, () => receiver.dump())
  const received = receiver.parsed.filter(frame => frame.kind === 'update').map(frame => hex(frame.update))
  assert.deepEqual(received, [one, remove, two].map(hex))
})

test('An update with a hole in it is applied up to the hole, and wholly once the hole is filled', async t => {
  const parts = updatesOf(80, ...['one ', 'two ', 'three'].map(word => doc => doc.getText('text').insert(doc.getText('text').length, word)))
  const watcher = await connect(t, server, 'hole').synced()
  const raw = await RawSocket.join(t, server, 'hole')
  raw.send(update(Y.mergeUpdates([parts[0], parts[2]])))
  await until(() => watcher.text.toString() === 'one ', 'the part before the hole')
  const late = await connect(t, server, 'hole', { version: '1.5' }).synced()
  assert.equal(late.text.toString(), 'one ')
  raw.send(update(parts[1]))
  await until(() => [watcher, late].every(client => client.text.toString() === 'one two three'), 'the whole text')
  await convergeWithServer(server, 'hole', [watcher.doc, late.doc])
})

test('Undo and redo of one client are seen by the others', async t => {
  const [a, b, c] = await connectEachVersion(t, server, 'undo')
  const undo = new Y.UndoManager([a.text, a.doc.getMap('map')], { captureTimeout: 0 })
  a.text.insert(0, 'first ')
  a.text.insert(6, 'second')
  a.doc.getMap('map').set('key', new Y.Map([['inner', 1]]))
  await converge([a.doc, b.doc, c.doc])
  b.text.insert(6, 'between ')
  await converge([a.doc, b.doc, c.doc])
  for (let i = 0; i < 3; i++) undo.undo()
  await convergeWithServer(server, 'undo', [a.doc, b.doc, c.doc])
  assert.equal(c.text.toString(), 'between ')
  for (let i = 0; i < 3; i++) undo.redo()
  await convergeWithServer(server, 'undo', [a.doc, b.doc, c.doc])
  assert.equal(c.text.toString(), 'first between second')
  assert.equal(c.doc.getMap('map').get('key').get('inner'), 1)
  undo.destroy()
})

test('Every kind of content passes: subdocuments, hooks, binary data, embeds and the JSON of old versions', async t => {
  const [a, b] = await connectEachVersion(t, server, 'kinds')
  const hook = new Y.XmlHook('hook')
  a.doc.transact(() => {
    a.doc.getMap('subdocuments').set('sub', new Y.Doc({ guid: 'guid-of-the-subdocument', meta: { any: [1] }, autoLoad: false }))
    a.doc.getXmlFragment('xml').insert(0, [hook])
    hook.set('key', 'value')
    a.doc.getMap('map').set('binary', Uint8Array.of(0, 1, 254, 255))
    a.text.insertEmbed(0, { image: 'x', width: 1.5 })
  })
  // What Yjs wrote before version 13: a list of JSON texts, `undefined` among them.
  const raw = await RawSocket.join(t, server, 'kinds')
  raw.send(update(bytes('01 01 51 00 02 01 05 6172726179 03 07 7b2261223a317d 09 756e646566696e6564 03 227822 00')))
  await until(() => b.doc.getArray('array').length === 3, 'the old content')
  await until(() => b.doc.getMap('subdocuments').get('sub'), 'the subdocument')
  assert.deepEqual(b.doc.getArray('array').toArray(), [{ a: 1 }, undefined, 'x'])
  assert.equal(b.doc.getMap('subdocuments').get('sub').guid, 'guid-of-the-subdocument')
  assert.deepEqual(b.doc.getMap('map').get('binary'), Uint8Array.of(0, 1, 254, 255))
  assert.equal(b.doc.getXmlFragment('xml').get(0).get('key'), 'value')
  await convergeWithServer(server, 'kinds', [a.doc, b.doc])
})

test('Client ids from 0 to 2^53 - 1 are told apart', async t => {
  const ids = [0, 1, 127, 128, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 2 ** 53 - 1]
  const clients = ids.map((clientID, i) => connect(t, server, 'ids', { clientID, version: versions[i % versions.length], state: { name: `${clientID}` } }))
  for (const client of clients) await client.synced()
  for (const client of clients) client.doc.getArray('array').push([client.id])
  await convergeWithServer(server, 'ids', clients.map(client => client.doc))
  assert.deepEqual(clients[0].doc.getArray('array').toJSON().sort((a, b) => a - b), ids)
  await until(() => clients.every(client => ids.every(id => client.awareness.getStates().get(id)?.name === `${id}`)), 'all states')
})

test('A text cut within a surrogate pair is the same on all sides', async t => {
  const clients = await connectEachVersion(t, server, 'surrogates')
  clients[0].text.insert(0, '🙂🙃🙂')
  await converge(clients.map(client => client.doc))
  clients[1].text.insert(1, 'x')
  clients[2].text.delete(3, 2)
  await convergeWithServer(server, 'surrogates', clients.map(client => client.doc))
  const late = await connect(t, server, 'surrogates').synced()
  assertSameDocument(late.doc, clients[0].doc)
})

test('A fresh socket is asked for its state at once, and gets a step 2 even if there is nothing to tell', async t => {
  const raw = await RawSocket.join(t, server, 'greeting')
  const asked = await raw.nextOfKind('step1')
  assert.equal(asked.vector.size, 0)
  raw.send(step1())
  const answer = await raw.nextOfKind('step2')
  assert.equal(hex(answer.update), '0000')
})

test('A client that has everything still gets its step 2', async t => {
  const [one] = updatesOf(78, doc => doc.getText('text').insert(0, 'all of it'))
  const raw = await RawSocket.join(t, server, 'nothing-new')
  raw.send(update(one))
  raw.send(step1(Y.encodeStateVectorFromUpdate(one)))
  assert.equal(hex((await raw.nextOfKind('step2')).update), '0000')
  // An empty step 2 from a client, which is what a fresh client answers, is nothing to complain about.
  raw.send(bytes('00 01 02 00 00'))
  raw.send(step1())
  assert.equal(hex((await raw.nextOfKind('step2')).update), hex(one))
  assert.equal(raw.closed, null)
})

test('A step 2 contains what the asker lacks and the whole delete set', async t => {
  const name = 'difference'
  const [one, two, remove] = updatesOf(79, doc => doc.getText('text').insert(0, 'one '), doc => doc.getText('text').insert(4, 'two'),
    doc => doc.getText('text').delete(0, 2))
  const raw = await RawSocket.join(t, server, name)
  for (const part of [one, two, remove]) raw.send(update(part))
  raw.send(step1(Y.encodeStateVectorFromUpdate(one)))
  const { update: difference } = await raw.nextOfKind('step2')
  assert.deepEqual(Y.decodeUpdate(difference).structs.map(struct => [struct.id.clock, struct.length]), [[4, 3]])
  const doc = new Y.Doc()
  Y.applyUpdate(doc, one)
  Y.applyUpdate(doc, difference)
  assert.equal(doc.getText('text').toString(), 'e two')
})

test('An offered subprotocol is answered with one of the offered', async t => {
  const raw = await RawSocket.join(t, server, 'subprotocol', { 'Sec-WebSocket-Protocol': 'coedit, other' })
  assert.equal(raw.headers['sec-websocket-protocol'], 'coedit')
  const unknown = await RawSocket.join(t, server, 'subprotocol', { 'Sec-WebSocket-Protocol': 'whatever-the-app-chose' })
  assert.equal(unknown.headers['sec-websocket-protocol'], 'whatever-the-app-chose')
  const none = await RawSocket.join(t, server, 'subprotocol')
  assert.equal(none.headers['sec-websocket-protocol'], undefined)
  await connect(t, server, 'subprotocol', { protocols: ['y-sync'] }).synced()
})

test('Query parameters are not part of the document name', async t => {
  for (const version of versions) {
    const withParams = await connect(t, server, 'params', { version, params: { token: 'a/b?c', version } }).synced()
    withParams.doc.getArray('array').push([version])
  }
  const without = await connect(t, server, 'params').synced()
  await until(() => without.doc.getArray('array').length === versions.length, 'all entries')
  assert.deepEqual((await server.list()).map(({ name }) => name).filter(name => name.startsWith('params')), ['params'])
})

test('A second socket of the same client id is served like any other', async t => {
  const doc = new Y.Doc()
  const first = await connect(t, server, 'same-tab-twice', { doc }).synced()
  const second = await connect(t, server, 'same-tab-twice', { doc, version: '1.5' }).synced()
  first.text.insert(0, 'typed once')
  const other = await connect(t, server, 'same-tab-twice').synced()
  await until(() => other.text.toString() === 'typed once', 'the text')
  other.text.insert(0, 'seen: ')
  await until(() => doc.getText('text').toString() === 'seen: typed once', 'the reply')
  assert.deepEqual([first.closes, second.closes], [[], []])
  assert.deepEqual(contentOf(doc), contentOf(other.doc))
})
