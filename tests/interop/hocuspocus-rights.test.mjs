// Tokens and scopes of the Hocuspocus protocol, with the published providers.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { converge } from './lib/documents.mjs'
import { connectHocuspocus, hocuspocusVersions, openSocket } from './lib/hocuspocus.mjs'
import { startServer } from './lib/server.mjs'
import { jwtArguments, tokenFor } from './lib/tokens.mjs'
import { until } from './lib/until.mjs'

let server
before(async () => { server = await startServer(...jwtArguments) })
after(() => server?.stop())

for (const version of hocuspocusVersions) {
  test(`${version}: a reader reads, is seen, and changes nothing`, async t => {
    const name = `${version}/read`
    const writer = await connectHocuspocus(t, server, name, { token: tokenFor('ada', { name, rights: 'write' }) }).saved()
    const reader = await connectHocuspocus(t, server, name, { version, token: tokenFor('bob', { name, rights: 'read' }), state: { who: 'bob' } }).saved()
    assert.deepEqual(reader.authenticated, ['readonly'])
    writer.text.insert(0, 'hello')
    await converge([writer.doc, reader.doc])
    await until(() => writer.awareness.getStates().has(reader.id), 'the reader to be seen')
    reader.text.insert(0, 'mine: ')
    writer.text.insert(5, '!')
    await writer.saved()
    await until(() => reader.text.toString() === 'mine: hello!', 'the reader to see the change')
    assert.equal(writer.text.toString(), 'hello!')
    assert.equal(reader.provider.unsyncedChanges, 1, 'the reader should know that its change is not kept')
  })

  test(`${version}: a denial is told, and the other documents of the socket go on`, async t => {
    const socket = openSocket(t, server, { version })
    const name = `${version}/mine`
    const token = tokenFor('ada', { name, rights: 'write' })
    const mine = await connectHocuspocus(t, server, name, { version, socket, token }).saved()
    const other = connectHocuspocus(t, server, `${version}/not mine`, { version, socket, token })
    const forged = connectHocuspocus(t, server, `${version}/forged`, { version, socket, token: token.slice(0, -4) + 'AAAA' })
    await until(() => other.denials.length > 0 && forged.denials.length > 0, 'the denials')
    assert.deepEqual(other.denials, ['permission-denied'])
    mine.text.insert(0, 'still here')
    await mine.saved()
    assert.deepEqual(mine.closes, [])
  })
}

test('hp4: a new token turns a reader into a writer in place', async t => {
  const name = 'renewed'
  let token = tokenFor('ada', { name, rights: 'read' })
  const client = await connectHocuspocus(t, server, name, { token: () => token }).saved()
  token = tokenFor('ada', { name, rights: 'write' })
  await client.provider.sendToken()
  await until(() => client.authenticated.at(-1) === 'read-write', 'the new scope')
  client.text.insert(0, 'x')
  await client.saved()
})
