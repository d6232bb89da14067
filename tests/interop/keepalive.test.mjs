// The tests that need real time: clients give a silent connection up after 30 s. They run side by side.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { connect, versions } from './lib/clients.mjs'
import { awareness, step1 } from './lib/frames.mjs'
import { RawSocket } from './lib/raw-socket.mjs'
import { startServer } from './lib/server.mjs'
import { until } from './lib/until.mjs'

// 30 s without a message, looked at every 3 s, and some more.
const LONGER_THAN_PATIENCE_MS = 36_000

let server
before(async () => { server = await startServer() })
after(() => server?.stop())

describe('Over half a minute', { concurrency: true }, () => {
  for (const version of versions) {
    test(`an idle ${version} client without presence keeps its connection`, async t => {
      const client = await connect(t, server, `idle-${version}`, { version, state: null }).synced()
      const socket = client.provider.ws
      await delay(LONGER_THAN_PATIENCE_MS)
      assert.deepEqual(client.closes, [])
      assert.equal(client.provider.ws, socket)
      assert.equal(client.provider.synced, true)
    })
  }

  test('two idle users with presence keep seeing each other', async t => {
    const clients = ['1.5', '3.1'].map(version => connect(t, server, 'idle-pair', { version, state: { name: version } }))
    let removals = 0
    await until(() => clients.every(client => client.awareness.getStates().size === 2), 'the users to meet')
    for (const client of clients) client.awareness.on('change', ({ removed }) => { removals += removed.length })
    await delay(LONGER_THAN_PATIENCE_MS)
    assert.equal(removals, 0)
    assert.deepEqual(clients.map(client => client.closes), [[], []])
  })

  test('the state of somebody without a connection expires when nobody repeats it', async t => {
    const observer = await RawSocket.join(t, server, 'expiry')
    const relay = await RawSocket.join(t, server, 'expiry')
    relay.send(awareness({ id: 680, clock: 1, state: { name: 'relay' } }))
    relay.send(awareness({ id: 681, clock: 9, state: { name: 'gone' } }))
    relay.send(step1())
    await relay.nextOfKind('step2')
    const expired = await until(() => observer.parsed.flatMap(message => message.entries ?? []).find(entry => entry.id === 681 && entry.state === null),
      'the expiry', 60_000, () => observer.dump())
    assert.equal(expired.clock, 9)
  })
})
