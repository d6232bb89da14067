// kill -9 under load, again and again: what a state vector of the server covered before the crash is there after it.
//
// y-websocket has no acknowledgement of its own. The step 1 that the server sends on every connection is one: it tells the
// client what it need not send again. So the ledger of this test is the highest vector that was ever received per document.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { WebSocket } from 'ws'
import * as Y from 'yjs'
import { connect, versions } from './lib/clients.mjs'
import { converge, convergeWithServer, covers, loadState } from './lib/documents.mjs'
import { parse } from './lib/frames.mjs'
import { seededRandom, seedOfRun } from './lib/random.mjs'
import { startServer } from './lib/server.mjs'
import { until } from './lib/until.mjs'

const ROUNDS = Number(process.env.COEDIT_CRASH_ROUNDS ?? 10)
const DOCUMENTS = 4
const CLIENTS_PER_DOCUMENT = 3
const EDIT_EVERY_MS = 5
const RECONNECT_EVERY_EDITS = 25

/** A document's ledger: what the server has confirmed, and which edit is where. */
class Ledger {
  /** client → clock, everything below is confirmed */
  confirmed = new Map()
  vectors = 0
  /** Every edit made so far: `{ client, end, token }`, where `end` is the client's clock after it. */
  edits = []

  confirm (vector) {
    this.vectors++
    for (const [client, clock] of vector) this.confirmed.set(client, Math.max(clock, this.confirmed.get(client) ?? 0))
  }

  get confirmedTokens () {
    return this.edits.filter(({ client, end }) => end <= (this.confirmed.get(client) ?? 0)).map(({ token }) => token)
  }
}

/** The socket of a published provider, with somebody who reads along what the server says first. */
const readingAlong = ledger => class extends WebSocket {
  constructor (...args) {
    super(...args)
    this.on('message', data => {
      const message = parse(new Uint8Array(data))
      if (message.kind === 'step1') ledger.confirm(message.vector)
    })
  }
}

test(`${ROUNDS} crashes under load lose nothing that the server had confirmed`, { timeout: 60_000 + ROUNDS * 20_000 }, async t => {
  const seed = seedOfRun()
  t.diagnostic(`seed: ${seed} (COEDIT_SEED), rounds: ${ROUNDS} (COEDIT_CRASH_ROUNDS)`)
  const random = seededRandom(seed)
  const server = await startServer()
  t.after(() => server.stop())

  const documents = Array.from({ length: DOCUMENTS }, (_, i) => {
    const name = `crash/${i}`
    const ledger = new Ledger()
    const clients = Array.from({ length: CLIENTS_PER_DOCUMENT }, (_, j) => connect(t, server, name,
      { version: versions[j % versions.length], WebSocketPolyfill: readingAlong(ledger), maxBackoffTime: 100, state: { name: `${i}.${j}` } }))
    return { name, ledger, clients }
  })
  const everyClient = documents.flatMap(({ clients }) => clients)
  for (const client of everyClient) await client.synced()

  let tokens = 0
  const edit = ({ name, ledger }, client) => {
    const { doc } = client
    const token = `${tokens++}`
    doc.transact(() => {
      doc.getArray('array').insert(random.integer(doc.getArray('array').length + 1), [token])
      const text = client.text
      if (text.length > 40 && random.chance(0.3)) text.delete(random.integer(text.length - 5), 5)
      else text.insert(random.integer(text.length + 1), random.word(), random.chance(0.2) ? { bold: true } : {})
      if (random.chance(0.1)) doc.getMap('map').set(random.pick(['a', 'b', 'c']), `${name} ${token}`)
    })
    ledger.edits.push({ client: doc.clientID, end: Y.getState(doc.store, doc.clientID), token })
  }

  for (let round = 0; round < ROUNDS; round++) {
    let working = true
    let edits = 0
    const load = (async () => {
      while (working) {
        for (const document of documents) {
          const client = random.pick(document.clients)
          edit(document, client)
          if (++edits % RECONNECT_EVERY_EDITS === 0) {
            client.provider.disconnect()
            client.provider.connect()
          }
        }
        await delay(EDIT_EVERY_MS)
      }
    })()
    try {
      // When the crash comes is the point of the test, so a random moment is what is wanted here.
      await delay(50 + random.integer(1000))
      await server.kill('SIGKILL')
    } finally {
      working = false
      await load
    }

    const confirmed = documents.map(({ ledger }) => ({ vector: new Map(ledger.confirmed), tokens: ledger.confirmedTokens }))
    // Nobody may help the server to remember: the clients stay away until its own memory has been looked at.
    for (const client of everyClient) client.provider.disconnect()
    await server.start()
    for (const [i, { name }] of documents.entries()) {
      const { vector, tokens: expected } = confirmed[i]
      if (vector.size === 0) continue // nothing was ever confirmed, so there need not be a document
      const state = await server.state(name)
      const stored = Y.decodeStateVector(Y.encodeStateVectorFromUpdate(state))
      assert.ok(covers(stored, vector), `round ${round}, seed ${seed}, ${name}: confirmed ${JSON.stringify([...vector])}, found ${JSON.stringify([...stored])}`)
      const doc = await loadState(server, name)
      const present = new Set(doc.getArray('array').toJSON())
      assert.deepEqual(expected.filter(token => !present.has(token)), [], `round ${round}, seed ${seed}, ${name}: confirmed edits are missing`)
      doc.destroy()
    }

    for (const client of everyClient) client.provider.connect()
    await until(() => everyClient.every(client => client.provider.synced), 'the clients to return')
    for (const { name, clients, ledger } of documents) {
      await converge(clients.map(client => client.doc), `${name} to converge in round ${round}, seed ${seed}`)
      await until(async () => {
        const stored = Y.decodeStateVector(Y.encodeStateVectorFromUpdate(await server.state(name)))
        return covers(stored, Y.decodeStateVector(Y.encodeStateVector(clients[0].doc)))
      }, `the server to have everything of ${name}`)
      await convergeWithServer(server, name, clients.map(client => client.doc))
      assert.deepEqual(new Set(clients[0].doc.getArray('array').toJSON()), new Set(ledger.edits.map(({ token }) => token)))
      assert.equal(clients[0].doc.getArray('array').length, ledger.edits.length, 'an edit was doubled')
    }
  }
  const confirmedInAll = documents.reduce((sum, { ledger }) => sum + ledger.confirmedTokens.length, 0)
  const vectors = documents.reduce((sum, { ledger }) => sum + ledger.vectors, 0)
  t.diagnostic(`${tokens} edits, ${confirmedInAll} confirmed by ${vectors} state vectors`)
  assert.ok(confirmedInAll > 0, 'the load was too light to say anything')
})
