// What is told to be stored is stored; what is deleted stays deleted.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import * as Y from 'yjs'
import { connect, connectEachVersion } from './lib/clients.mjs'
import { assertSameDocument, converge, convergeWithServer, covers, loadState, updatesOf } from './lib/documents.mjs'
import { step1, step2, update } from './lib/frames.mjs'
import { RawSocket } from './lib/raw-socket.mjs'
import { startServer } from './lib/server.mjs'
import { until } from './lib/until.mjs'

let server
before(async () => { server = await startServer() })
after(() => server?.stop())

/** Opens a socket only to be told the state vector, which covers nothing that isn't durable. */
const durableVector = async (t, name) => {
  const raw = await RawSocket.join(t, server, name)
  const { vector } = await raw.nextOfKind('step1')
  raw.terminate()
  return vector
}

/** Waits until the server says that it has stored everything `doc` contains. */
const untilDurable = (t, name, doc) => until(async () =>
  covers(await durableVector(t, name), Y.decodeStateVector(Y.encodeStateVector(doc))), `${name} to be durable`)

const fill = doc => {
  doc.getText('text').insert(0, 'bold and plain, ключ 🙂', { bold: true })
  doc.getText('text').format(5, 9, { bold: null })
  doc.getText('text').delete(0, 1)
  doc.getMap('map').set('nested', new Y.Map([['list', new Y.Array()]]))
  doc.getMap('map').get('nested').get('list').push([1, 'two', { three: [null, true, 1.5] }, Uint8Array.of(1, 2, 3)])
  const element = new Y.XmlElement('h1')
  element.setAttribute('class', 'title')
  element.insert(0, [new Y.XmlText('heading')])
  doc.getXmlFragment('xml').insert(0, [element])
  doc.getArray('array').push(['last'])
}

for (const [signal, what] of [['SIGTERM', 'an orderly restart'], ['SIGKILL', 'a crash']]) {
  test(`Text survives ${what} (${signal}) although its author never comes back`, async t => {
    const name = `survives-${signal}`
    const author = await connect(t, server, name).synced()
    fill(author.doc)
    const expected = new Y.Doc()
    await untilDurable(t, name, author.doc)
    Y.applyUpdate(expected, Y.encodeStateAsUpdate(author.doc))
    author.destroy()

    const end = await server.restart(signal)
    if (signal === 'SIGTERM') assert.equal(end.code, 0, server.output)
    assertSameDocument(await loadState(server, name), expected)
    for (const reader of await connectEachVersion(t, server, name)) assertSameDocument(reader.doc, expected, reader.version)
  })

  test(`Clients come back by themselves after ${what} (${signal}) and keep editing`, async t => {
    const name = `returns-${signal}`
    const clients = await connectEachVersion(t, server, name)
    clients.forEach(client => client.text.insert(0, `${client.version} before. `))
    await server.kill(signal)
    await until(() => clients.every(client => !client.provider.wsconnected), 'the clients to notice')
    for (const client of clients) {
      const [close] = client.closes
      assert.ok(close.code < 4400 || close.code > 4499, `closed with ${close.code} ${close.reason}, after which y-websocket 3.1 would not return`)
      if (signal === 'SIGTERM') assert.ok([1001, 1012].includes(close.code), `closed with ${close.code} ${close.reason}`)
      client.text.insert(0, `${client.version} during. `)
    }
    await server.start()
    await until(() => clients.every(client => client.provider.synced), 'the clients to return')
    clients.forEach(client => client.text.insert(0, `${client.version} after. `))
    await convergeWithServer(server, name, clients.map(client => client.doc))
    for (const part of ['before', 'during', 'after']) {
      for (const { version } of clients) assert.equal(clients[0].text.toString().split(`${version} ${part}. `).length, 2, clients[0].text.toString())
    }
  })
}

test('An update that waits for its predecessor survives a restart', async t => {
  const [one, two] = updatesOf(701, doc => doc.getText('text').insert(0, 'one '), doc => doc.getText('text').insert(4, 'two'))
  const raw = await RawSocket.join(t, server, 'pending')
  raw.send(update(two))
  raw.send(step1())
  await raw.nextOfKind('step2')
  await server.restart('SIGTERM')
  const second = await RawSocket.join(t, server, 'pending')
  assert.equal((await second.nextOfKind('step1')).vector.size, 0, 'what waits is not part of the state vector')
  second.send(update(one))
  const reader = connect(t, server, 'pending')
  await until(() => reader.text.toString() === 'one two', 'both updates')
})

test('Many restarts in a row lose nothing and double nothing', async t => {
  const author = await connect(t, server, 'many').synced()
  for (let round = 0; round < 5; round++) {
    for (let i = 0; i < 50; i++) author.doc.getArray('array').push([`${round}.${i}`])
    author.text.insert(0, `${round}`)
    author.text.delete(0, round % 2)
    await untilDurable(t, 'many', author.doc)
    await server.restart(round % 2 ? 'SIGTERM' : 'SIGKILL')
    await until(() => author.provider.synced, 'the author to return')
  }
  const stored = await loadState(server, 'many')
  assert.equal(stored.getArray('array').length, 250)
  await convergeWithServer(server, 'many', [author.doc])
})

test('The stored state loads into a fresh document, also after everybody left', async t => {
  const clients = await connectEachVersion(t, server, 'state')
  clients.forEach(client => fill(client.doc))
  await converge(clients.map(client => client.doc))
  assertSameDocument(await loadState(server, 'state'), clients[0].doc)
  const expected = new Y.Doc()
  Y.applyUpdate(expected, Y.encodeStateAsUpdate(clients[0].doc))
  for (const client of clients) await client.goOffline()
  await until(async () => (await server.metadata('state')).openPeers === 0, 'the room to be empty')
  assertSameDocument(await loadState(server, 'state'), expected)
  const response = await fetch(server.api('state', '/state'))
  assert.equal(response.headers.get('content-type'), 'application/octet-stream')
  await response.arrayBuffer()
})

test('The list and the metadata tell name, size, times and open peers', async t => {
  const started = Date.now()
  const name = 'list/имя with everything?'
  const client = await connect(t, server, encodeURIComponent(name)).synced()
  client.text.insert(0, 'something to count')
  await untilDurable(t, name, client.doc)
  // The sockets that asked for the durable vector were cut off; the server hears of that a moment later.
  await until(async () => (await server.metadata(name)).openPeers === 1, 'only the client to be left')
  const metadata = await server.metadata(name)
  assert.equal(metadata.name, name)
  assert.ok(metadata.size > 18, JSON.stringify(metadata))
  assert.equal(metadata.openPeers, 1)
  for (const time of [metadata.created, metadata.lastChange]) {
    // A minute of tolerance: these are clocks of two processes, and the point is that it is a time of today.
    assert.ok(Math.abs(new Date(time).getTime() - started) < 60_000, JSON.stringify(metadata))
  }
  const listed = (await server.list()).find(document => document.name === name)
  for (const key of ['created', 'lastChange', 'name', 'openPeers', 'size']) assert.ok(key in listed, JSON.stringify(listed))
  assert.equal(listed.openPeers, 1)
  await client.goOffline()
  await until(async () => (await server.metadata(name)).openPeers === 0, 'the peer to be gone')
})

test('The list is told page by page, each document once, in the order of the bytes of the names', async t => {
  const names = ['z', 'a', 'Z', 'я', 'é', 'a b', '🙂', 'ﬀ'].map(name => `paged/${name}`)
  for (const name of names) {
    const client = await connect(t, server, encodeURIComponent(name)).synced()
    client.text.insert(0, name)
    await untilDurable(t, name, client.doc)
  }
  const listed = []
  for (let after = ''; after !== null;) {
    const page = await (await fetch(`${server.url}/api/v1/documents?limit=2${after && '&after=' + encodeURIComponent(after)}`)).json()
    assert.ok(page.documents.length <= 2)
    listed.push(...page.documents.map(document => document.name))
    after = page.next
  }
  const inOrder = [...listed].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  assert.deepEqual(listed, inOrder)
  assert.equal(new Set(listed).size, listed.length)
  for (const name of names) assert.ok(listed.includes(name), name)
})

test('What does not exist is answered with 404 and problem details', async () => {
  for (const [path, method] of [['', 'GET'], ['/state', 'GET'], ['', 'DELETE']]) {
    const response = await fetch(server.api('never written', path), { method })
    assert.equal(response.status, 404, `${method} ${path}`)
    assert.match(response.headers.get('content-type'), /^application\/problem\+json/)
    assert.equal((await response.json()).status, 404)
  }
})

test('A deleted document is gone, closes its tabs, and old tabs cannot pollute what comes after it', async t => {
  const name = 'deleted'
  // The old provider would come back within 100 ms; it is held until the test lets it.
  const old = await connect(t, server, name, { version: '1.5' }).synced()
  const current = await connect(t, server, name, { version: '3.1' }).synced()
  old.provider.on('connection-close', () => { if (old.closes.length === 0) old.provider.shouldConnect = false })
  let stopped = null
  current.provider.on('closed', event => { stopped = event })
  old.text.insert(0, 'old text ')
  current.text.insert(0, 'current text ')
  await converge([old.doc, current.doc])
  await untilDurable(t, name, old.doc)
  await until(async () => (await server.metadata(name)).openPeers === 2, 'the measuring sockets to be gone')

  const response = await server.delete(name)
  assert.ok([200, 202, 204].includes(response.status), `${response.status} ${await response.text()}`)
  await until(() => old.closes.length > 0 && stopped, 'both tabs to be closed')
  assert.equal(old.closes[0].code, 4404)
  assert.equal(stopped.code, 4404)
  assert.match(stopped.reason, /\w+/)
  assert.equal(current.provider.shouldConnect, false)
  assert.equal((await fetch(server.api(name))).status, 404)
  assert.equal((await fetch(server.api(name, '/state'))).status, 404)
  assert.ok(!(await server.list()).some(document => document.name === name))

  const fresh = await connect(t, server, name).synced()
  assert.equal(fresh.text.toString(), '')
  fresh.text.insert(0, 'fresh text')

  const pollute = async () => {
    for (const tab of [old, current]) {
      tab.text.insert(0, 'typed after the deletion ')
      const before = tab.closes.length
      tab.provider.connect()
      const close = await until(() => tab.closes.slice(before).find(close => close?.code === 4404), `the ${tab.version} tab to be refused`, 20_000, () => JSON.stringify(tab.closes))
      assert.match(close.reason, /\w+/)
      tab.provider.shouldConnect = false
    }
  }
  await pollute()
  assert.equal(fresh.text.toString(), 'fresh text')
  assert.deepEqual(fresh.closes, [])
  assert.equal((await loadState(server, name)).getText('text').toString(), 'fresh text')

  // The memory of what was deleted is as durable as the document itself.
  await untilDurable(t, name, fresh.doc)
  await server.restart()
  await fresh.synced()
  await pollute()
  await convergeWithServer(server, name, [fresh.doc])
  assert.equal(fresh.text.toString(), 'fresh text')
})

test('The old tab of y-websocket 1.5, which returns for ever, is refused each time', async t => {
  const name = 'deleted-loop'
  const old = await connect(t, server, name, { version: '1.5' }).synced()
  old.text.insert(0, 'old text')
  await untilDurable(t, name, old.doc)
  await server.delete(name)
  await until(() => old.closes.filter(close => close.code === 4404).length >= 4, 'four refusals', 20_000, () => JSON.stringify(old.closes))
  const fresh = await connect(t, server, name).synced()
  fresh.text.insert(0, 'fresh')
  const refused = old.closes.length
  await until(() => old.closes.length > refused + 1, 'two more')
  assert.equal(fresh.text.toString(), 'fresh')
  await convergeWithServer(server, name, [fresh.doc])
  assert.ok(old.closes.every(close => close.code === 4404), JSON.stringify(old.closes))
})

test('A document can be deleted and written again more than once', async t => {
  const name = 'deleted-twice'
  const tabs = []
  for (let epoch = 0; epoch < 3; epoch++) {
    const tab = await connect(t, server, name).synced()
    assert.equal(tab.text.toString(), '')
    tab.text.insert(0, `epoch ${epoch}`)
    await untilDurable(t, name, tab.doc)
    await server.delete(name)
    await until(() => tab.closes.some(close => close?.code === 4404), 'the tab to be closed')
    tabs.push(tab)
  }
  const last = await connect(t, server, name).synced()
  last.text.insert(0, 'last')
  for (const tab of tabs) {
    const raw = await RawSocket.join(t, server, name)
    raw.send(step2(Y.encodeStateAsUpdate(tab.doc)))
    assert.equal((await raw.waitForClose()).code, 4404)
  }
  await convergeWithServer(server, name, [last.doc])
  assert.equal(last.text.toString(), 'last')
})
