// SIGTERM under load: what was acknowledged is there afterwards, every client is told with 1012, and the program ends in time
// (rules OPS2 and OPS3).
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import * as decoding from 'lib0/decoding'
import { WebSocket } from 'ws'
import * as Y from 'yjs'
import { loadState } from './lib/documents.mjs'
import { step1, update } from './lib/frames.mjs'
import { RawSocket } from './lib/raw-socket.mjs'
import { startServer } from './lib/server.mjs'
import { until } from './lib/until.mjs'

const CLIENTS = 200
const WRITERS_AT_ONCE = 5
const ACKNOWLEDGED = 1000
const END_MS = 10_000

/** A client that only writes, one token per update, and notes how many the server has acknowledged. */
class Writer {
  tokens = []
  acknowledged = 0
  closeCode = null

  constructor (server, name, id) {
    this.id = id
    this.doc = new Y.Doc()
    this.socket = new WebSocket(`${server.ws}/${name}?ack=1`)
    this.socket.binaryType = 'nodebuffer'
    this.opened = new Promise((resolve, reject) => {
      this.socket.once('open', resolve)
      this.socket.once('error', reject)
    })
    this.socket.on('error', () => {})
    this.socket.on('close', code => { this.closeCode = code })
    this.socket.on('message', data => {
      const decoder = decoding.createDecoder(data)
      if (decoding.readVarUint(decoder) !== 100) return
      const count = decoding.readVarUint(decoder)
      assert.equal(decoding.readVarUint(decoder), 0, 'a write was refused')
      this.acknowledged = count
    })
    this.doc.on('update', data => this.socket.send(update(data)))
  }

  write () {
    if (this.socket.readyState !== WebSocket.OPEN) return
    const token = `${this.id}.${this.tokens.length}`
    this.tokens.push(token)
    this.doc.getArray('tokens').push([token])
  }
}

const terminate = server => server.process.child.kill('SIGTERM')

const end = server => until(() => server.process.ended, 'the server to end', END_MS, () => server.output)

for (const documents of [20, 200]) {
  test(`SIGTERM with ${CLIENTS} clients writing to ${documents} documents loses nothing that was acknowledged`, { timeout: 180_000 }, async t => {
    const server = await startServer()
    t.after(() => server.stop())
    const writers = Array.from({ length: CLIENTS }, (_, i) => new Writer(server, `stop/${i % documents}`, i))
    t.after(() => writers.forEach(({ socket, doc }) => { socket.terminate(); doc.destroy() }))
    await Promise.all(writers.map(writer => writer.opened))

    let next = 0
    let working = true
    const load = (async () => {
      while (working) {
        for (let i = 0; i < WRITERS_AT_ONCE; i++) writers[next++ % CLIENTS].write()
        await delay(10)
      }
    })()
    try {
      await until(() => writers.reduce((sum, writer) => sum + writer.acknowledged, 0) >= ACKNOWLEDGED, 'some acknowledgements', 60_000)
      terminate(server)
      assert.deepEqual(await end(server), { code: 0, signal: null }, server.output)
      await until(() => writers.every(writer => writer.closeCode !== null), 'all sockets to close')
    } finally {
      working = false
      await load
    }

    assert.deepEqual(writers.filter(writer => writer.closeCode !== 1012).map(({ id, closeCode }) => ({ id, closeCode })), [])
    await server.start()
    for (let i = 0; i < documents; i++) {
      const mine = writers.filter(writer => writer.id % documents === i)
      const expected = mine.flatMap(writer => writer.tokens.slice(0, writer.acknowledged))
      if (expected.length === 0) continue
      const doc = await loadState(server, `stop/${i}`)
      const present = new Set(doc.getArray('tokens').toJSON())
      assert.deepEqual(expected.filter(token => !present.has(token)), [], `stop/${i}`)
      doc.destroy()
    }
    const written = writers.reduce((sum, writer) => sum + writer.tokens.length, 0)
    const acknowledged = writers.reduce((sum, writer) => sum + writer.acknowledged, 0)
    t.diagnostic(`${written} written, ${acknowledged} acknowledged`)
  })
}

/** A peer that asks for a document which is too large for the buffers between us, and never reads. */
const openStuckPeer = async (t, server) => {
  const doc = new Y.Doc()
  doc.getArray('large').push([new Uint8Array(24 * 1024 * 1024)])
  const writer = await RawSocket.join(t, server, 'large')
  await writer.nextOfKind('step1')
  writer.send(update(Y.encodeStateAsUpdate(doc)))
  await until(async () => (await server.metadata('large')) !== null, 'the large document to be stored')
  const stuck = await RawSocket.join(t, server, 'large')
  stuck.socket.pause()
  stuck.send(step1())
  writer.terminate()
  await until(async () => (await (await fetch(`${server.url}/api/v1/rooms`)).json()).rooms[0]?.peers?.length === 1, 'the writer to be gone')
}

test('a peer that takes nothing does not keep the server from ending', async t => {
  const server = await startServer()
  t.after(() => server.stop())
  await openStuckPeer(t, server)

  terminate(server)

  assert.deepEqual(await end(server), { code: 0, signal: null }, server.output)
})

test('a server that stops says so to load balancers, and a second SIGTERM ends it at once', async t => {
  const server = await startServer()
  t.after(() => server.stop())
  await openStuckPeer(t, server) // so that there is something to wait for

  terminate(server)
  const ready = await until(async () => {
    const response = await fetch(`${server.url}/healthz/ready`)
    return response.status === 503 && response.json()
  }, 'the server to be no longer ready')
  assert.equal(ready.status, 'stopping')
  terminate(server)

  assert.deepEqual(await end(server), { code: 143, signal: null }, server.output)
  assert.match(server.output, /told to end at once/)
})

test('who comes while the server stops is sent away with 1012', async t => {
  const server = await startServer()
  t.after(() => server.stop())
  await openStuckPeer(t, server)

  terminate(server)
  await until(async () => (await fetch(`${server.url}/healthz/ready`)).status === 503, 'the server to be no longer ready')
  const late = await RawSocket.join(t, server, 'another')

  assert.equal((await late.waitForClose()).code, 1012)
  assert.deepEqual(await end(server), { code: 0, signal: null }, server.output)
})
