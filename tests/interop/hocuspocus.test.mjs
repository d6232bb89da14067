// The published Hocuspocus providers 2, 3 and 4, unmodified, against the server.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { connect } from './lib/clients.mjs'
import { converge, convergeWithServer } from './lib/documents.mjs'
import { connectHocuspocus, hocuspocusVersions, openSocket } from './lib/hocuspocus.mjs'
import { startServer } from './lib/server.mjs'
import { until } from './lib/until.mjs'

let server
before(async () => { server = await startServer() })
after(() => server.stop())

const see = (client, id, what) => until(() => client.awareness.getStates().has(id), `${client.version} to see ${what}`, 20_000, () => client.dump?.() ?? '')

for (const version of hocuspocusVersions) {
  describe(version, () => {
    test('two clients share a document, and every change is acknowledged', async t => {
      const name = `${version}/share`
      const a = await connectHocuspocus(t, server, name, { version, clientID: 1 }).saved()
      const b = await connectHocuspocus(t, server, name, { version, clientID: 2 }).saved()
      a.text.insert(0, 'hello')
      b.text.insert(0, 'world')
      await a.saved()
      await b.saved()
      await convergeWithServer(server, name, [a.doc, b.doc])
      assert.equal(a.provider.unsyncedChanges, 0)
      assert.deepEqual(a.authenticated, ['read-write'])
    })

    test('any token is good while everybody is let in', async t => {
      const client = await connectHocuspocus(t, server, `${version}/token`, { version, token: 'whatever' }).saved()
      client.text.insert(0, 'x')
      await client.saved()
      assert.deepEqual(client.authenticated, ['read-write'])
    })

    test('edits made offline arrive, and the counter comes back to zero', async t => {
      const name = `${version}/offline`
      const a = await connectHocuspocus(t, server, name, { version }).saved()
      const b = await connectHocuspocus(t, server, name, { version }).saved()
      await a.goOffline()
      a.text.insert(0, 'written offline ')
      b.text.insert(0, 'meanwhile ')
      await b.saved()
      await a.goOnline()
      await a.saved()
      await convergeWithServer(server, name, [a.doc, b.doc])
    })

    test('clients of both protocols share one document and see each other', async t => {
      const name = `${version}/mixed ☕`
      const a = await connectHocuspocus(t, server, name, { version, state: { who: 'a' } }).saved()
      const b = await connect(t, server, name, { state: { who: 'b' } }).synced()
      a.text.insert(0, 'from a ')
      b.text.insert(0, 'from b ')
      await convergeWithServer(server, name, [a.doc, b.doc])
      await see(a, b.id, 'the y-websocket client')
      await see(b, a.id, 'the Hocuspocus client')
      b.awareness.setLocalState(null)
      await until(() => !a.awareness.getStates().has(b.id), 'the null to be relayed')
      a.destroy()
      await until(() => !b.awareness.getStates().has(a.id), 'the state to go with its client')
    })

    test('one socket carries many documents, and leaving one keeps the others', async t => {
      const socket = openSocket(t, server, { version })
      const names = Array.from({ length: 12 }, (_, i) => `${version}/many/${i}`)
      const clients = names.map(name => connectHocuspocus(t, server, name, { version, socket }))
      const others = names.map(name => connect(t, server, name))
      for (const client of [...clients, ...others]) await client.synced()
      clients.forEach((client, i) => client.text.insert(0, `document ${i}`))
      for (let i = 0; i < names.length; i++) await converge([clients[i].doc, others[i].doc])
      clients[0].destroy()
      clients[1].text.insert(0, 'still here: ')
      await clients[1].saved()
      await converge([clients[1].doc, others[1].doc])
      assert.equal((await server.metadata(names[0])).openPeers, 1)
    })

    test('a provider that was destroyed may come back on the same socket at once', async t => {
      const name = `${version}/again`
      const socket = openSocket(t, server, { version })
      for (let i = 0; i < 5; i++) {
        const client = await connectHocuspocus(t, server, name, { version, socket, clientID: 100 + i, state: { i } }).saved()
        assert.equal(client.text.toString().length, i)
        client.text.insert(0, 'x')
        await client.saved()
        client.destroy()
      }
      const last = await connectHocuspocus(t, server, name, { version, socket }).saved()
      assert.equal(last.text.toString(), 'xxxxx')
    })

    test('a bad name is denied and the socket goes on', async t => {
      const socket = openSocket(t, server, { version })
      const bad = connectHocuspocus(t, server, 'a/../b', { version, socket, token: 'x' })
      const good = await connectHocuspocus(t, server, `${version}/good`, { version, socket }).saved()
      await until(() => bad.denials.length > 0, 'the denial')
      assert.match(bad.denials[0], /segment/)
      bad.text.insert(0, 'lost')
      good.text.insert(0, 'kept')
      await good.saved()
      assert.equal(await server.metadata('a/../b').catch(() => null), null)
    })

    test('a deleted document is taken from the client that has it open, and from no other', async t => {
      const socket = openSocket(t, server, { version })
      const name = `${version}/deleted`
      const client = await connectHocuspocus(t, server, name, { version, socket, token: 'x' }).saved()
      const other = await connectHocuspocus(t, server, `${version}/not deleted`, { version, socket }).saved()
      client.text.insert(0, 'old')
      await client.saved()
      assert.equal((await server.delete(name)).status, 204)
      await until(() => client.closes.length + client.denials.length > 0, 'the client to be told')
      assert.match(client.closes[0]?.reason ?? client.denials[0], /deleted/)
      other.text.insert(0, 'x')
      await other.saved()
      assert.equal(await server.metadata(name).then(found => found?.size ?? 0), 0)
    })

    test('a restart of the server loses nothing and breaks no provider', async t => {
      const own = await startServer()
      t.after(() => own.stop())
      const a = await connectHocuspocus(t, own, 'doc', { version, state: { who: 'a' } }).saved()
      const b = await connect(t, own, 'doc', { state: { who: 'b' } }).synced()
      a.text.insert(0, 'before ')
      await a.saved()
      await own.restart('SIGTERM')
      await until(() => a.closes.length > 0, 'the close')
      assert.equal(a.closes[0].code, 1012)
      a.text.insert(0, 'after ')
      await a.saved()
      await convergeWithServer(own, 'doc', [a.doc, b.doc])
      await see(b, a.id, 'the one who came back')
      await see(a, b.id, 'the one who came back')
    })

    test('what was acknowledged survives kill -9', async t => {
      const own = await startServer()
      t.after(() => own.stop())
      for (let round = 0; round < 3; round++) {
        const client = await connectHocuspocus(t, own, 'doc', { version }).saved()
        let written = client.text.toString()
        for (let i = 0; i < 20; i++) {
          client.text.insert(client.text.length, `${round}.${i} `)
          if (i % 7 === 0) {
            await client.saved()
            written = client.text.toString()
          }
        }
        await own.kill()
        client.destroy()
        await own.start()
        const reader = await connectHocuspocus(t, own, 'doc', { version }).synced()
        assert.ok(reader.text.toString().startsWith(written), `"${reader.text}" does not begin with "${written}"`)
        reader.destroy()
      }
    })
  })
}

test('two sessions of one provider 4 socket are two peers of one document', async t => {
  const socket = openSocket(t, server)
  const a = connectHocuspocus(t, server, 'sessions', { socket, sessionAwareness: true, state: { who: 'a' } })
  const b = connectHocuspocus(t, server, 'sessions', { socket, sessionAwareness: true, state: { who: 'b' } })
  await a.saved()
  await b.saved()
  a.text.insert(0, 'a')
  b.text.insert(0, 'b')
  await convergeWithServer(server, 'sessions', [a.doc, b.doc])
  await a.saved()
  await b.saved()
  await see(a, b.id, 'the other session')
  a.destroy()
  await until(() => !b.awareness.getStates().has(a.id), 'the first session to go')
  assert.equal((await server.metadata('sessions')).openPeers, 1)
})

test('a batch of changes is acknowledged once', async t => {
  const client = await connectHocuspocus(t, server, 'batch', { flushDelay: 50 }).saved()
  for (let i = 0; i < 10; i++) client.text.insert(0, 'x')
  await client.saved()
  assert.equal(client.provider.unsyncedChanges, 0)
})

test('the application sends stateless messages to a room, to one connection, and never to y-websocket clients', async t => {
  const a = await connectHocuspocus(t, server, 'stateless', { version: 'hp2' }).saved()
  const b = await connectHocuspocus(t, server, 'stateless', { version: 'hp4' }).saved()
  await connect(t, server, 'stateless').synced()
  a.text.insert(0, 'x')
  await a.saved()
  const send = body => fetch(server.api('stateless', '/stateless'), { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
  const response = await send({ payload: 'héllo' })
  assert.equal(response.status, 202)
  assert.deepEqual(await response.json(), { connections: 2 })
  await until(() => a.stateless.length === 1 && b.stateless.length === 1, 'both to hear it')
  assert.deepEqual([a.stateless, b.stateless], [['héllo'], ['héllo']])
  assert.equal((await send({ payload: 'x', user: 'nobody' })).status, 404)
  assert.equal((await send({ payload: 'x', connection: 999999 })).status, 404)
  assert.equal((await send({})).status, 400)
  a.provider.sendStateless('to nobody')
  a.text.insert(0, 'still alive')
  await a.saved()
})
