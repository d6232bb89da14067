// The helper of web/packages/provider: "saved" is said of nothing that a crash could take back.
import assert from 'node:assert/strict'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { connect } from './lib/clients.mjs'
import { loadState } from './lib/documents.mjs'
import { startServer } from './lib/server.mjs'
import { until } from './lib/until.mjs'

// The helper has no packages of its own; a copy in here finds those of the tests.
const copy = new URL('./lib/durability.copy.mjs', import.meta.url)
writeFileSync(copy, readFileSync(new URL('../../web/packages/provider/durability.js', import.meta.url)))
const { Durability, withAcknowledgements } = await import(copy)
rmSync(copy)

let server
before(async () => { server = await startServer() })
after(() => server?.stop())

const open = (t, name, version) => {
  const client = connect(t, server, name, { version, ...withAcknowledgements({ connect: false }) })
  return { client, durability: new Durability(client.provider) }
}

for (const version of ['1.5', '2.1', '3.1']) {
  test(`${version}: edits are unsaved until the server has them on disk`, async t => {
    const { client, durability } = open(t, `durable-${version}`, version)
    client.text.insert(0, 'offline ')
    assert.equal(durability.unsaved, 1)

    client.provider.connect()
    await until(() => durability.unsaved === 0, 'the edit made offline to be saved')
    assert.notEqual(durability.epoch, null)
    for (let i = 0; i < 50; i++) client.text.insert(client.text.length, 'x')
    assert.notEqual(durability.unsaved, 0)
    await until(() => durability.unsaved === 0, 'all edits to be saved')

    await server.kill()
    await server.start()
    assert.equal((await loadState(server, `durable-${version}`)).getText('text').toString(), 'offline ' + 'x'.repeat(50))
    await until(() => client.provider.synced, 'the client to come back')
    client.text.insert(0, 'again ')
    await until(() => durability.unsaved === 0, 'the edit after the restart to be saved')
  })
}

test('Without the option nothing is ever called saved', async t => {
  const client = connect(t, server, 'not-acknowledged', { connect: false })
  const durability = new Durability(client.provider)
  client.provider.connect()
  await client.synced()
  client.text.insert(0, 'hello')
  await until(async () => (await loadState(server, 'not-acknowledged')).getText('text').length === 5, 'the server to have it')
  assert.equal(durability.unsaved, 1)
})
