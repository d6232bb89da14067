// Whatever one Hocuspocus socket sends, the others keep editing and the document stays what it was.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import { WebSocket } from 'ws'
import { connect } from './lib/clients.mjs'
import { convergeWithServer } from './lib/documents.mjs'
import { bytes, concat, varUint } from './lib/frames.mjs'
import { connectHocuspocus, hocuspocusUrl } from './lib/hocuspocus.mjs'
import { seededRandom, seedOfRun } from './lib/random.mjs'
import { startServer } from './lib/server.mjs'
import { jwtArguments, tokenFor } from './lib/tokens.mjs'

let server
let strict
before(async () => { [server, strict] = await Promise.all([startServer(), startServer(...jwtArguments)]) })
after(async () => { await server?.stop(); await strict?.stop() })

const text = value => concat(varUint(Buffer.byteLength(value)), Buffer.from(value))
const frame = (name, ...body) => concat(text(name), ...body)
const auth = name => frame(name, bytes('02 00'), text('x'), text('4.8.0'))

let rooms = 0

/** Two clients edit a document; `attack` gets sockets and the document's name; then the clients edit on, undisturbed. */
const survive = async (t, attack) => {
  const name = `hostile-${++rooms}`
  const honest = [
    await connectHocuspocus(t, server, name, { version: 'hp2', state: { name: 'a' } }).saved(),
    await connectHocuspocus(t, server, name, { version: 'hp4', state: { name: 'b' } }).saved(),
    await connect(t, server, name, { state: { name: 'c' } }).synced()
  ]
  honest[0].text.insert(0, 'before ')
  await honest[0].saved()
  const open = async () => {
    const socket = new WebSocket(hocuspocusUrl(server))
    t.after(() => socket.terminate())
    socket.on('error', () => {})
    await once(socket, 'open')
    return socket
  }
  await attack(open, name)
  honest[1].text.insert(0, 'after ')
  await convergeWithServer(server, name, honest.map(client => client.doc))
  assert.equal(honest[2].text.toString(), 'after before ')
  for (const client of honest) assert.deepEqual(client.closes, [], `${client.version} was disconnected`)
}

const closed = async socket => socket.readyState === WebSocket.CLOSED ? undefined : once(socket, 'close').then(([code]) => code)

for (const [what, body] of [
  ['an update that claims 2^32 structs', concat(bytes('00 02'), varUint(12), varUint(2 ** 32), bytes('01 01 00 00 00 00 00'))],
  ['a buffer of 2^32 bytes', concat(bytes('00 02'), varUint(2 ** 32))],
  ['an awareness message with 2^32 entries', concat(bytes('01 05'), varUint(2 ** 32))],
  ['broken JSON as awareness', concat(bytes('01'), varUint(6), bytes('01 63 01 02 7b7b'))],
  ['a varint without end', bytes('00 02 ff ff ff ff ff ff ff ff ff ff ff ff')],
  ['a token of 2^32 bytes', concat(bytes('02 00'), varUint(2 ** 32))],
  ['an unknown sync sub-type', bytes('00 09')],
  ['a stateless message that ends early', bytes('05 20 61')],
  ['a message for all servers', concat(bytes('06'), text('pretend'))]
]) {
  test(`${what} costs its sender only`, t => survive(t, async (open, name) => {
    const socket = await open()
    const joined = once(socket, 'message')
    socket.send(auth(name))
    await joined
    const answered = Promise.race([closed(socket), once(socket, 'message')])
    socket.send(frame(name, body))
    socket.send(frame(name, bytes('00 00 01 00')))
    await answered
  }))
}

test('noise costs its sender only', t => survive(t, async (open, name) => {
  const random = seededRandom(seedOfRun())
  for (let i = 0; i < 100; i++) {
    const socket = await open()
    socket.send(auth(name))
    for (let n = 0; n < 5; n++) {
      const noise = Uint8Array.from({ length: random.integer(200) }, () => random.integer(256))
      socket.send(random.chance(0.7) ? frame(name, Uint8Array.of(random.integer(8)), noise) : noise)
    }
    socket.close()
  }
}))

test('four hundred documents on one socket are opened', t => survive(t, async (open, name) => {
  const socket = await open()
  let answers = 0
  const all = new Promise(resolve => socket.on('message', () => { if (++answers === 400) resolve() }))
  for (let i = 0; i < 400; i++) socket.send(auth(`${name}/${i}`))
  await all
}))

test('a text message closes its socket with 1003', t => survive(t, async open => {
  const socket = await open()
  socket.send('hello')
  assert.equal(await closed(socket), 1003)
}))

test('four hundred documents without proof, or 12 MB, reset the socket of a server that asks for tokens', async t => {
  const name = 'safe'
  const honest = await connectHocuspocus(t, strict, name, { token: tokenFor('ada', { name, rights: 'write' }) }).saved()
  for (const attack of [
    socket => { for (let i = 0; i < 400; i++) socket.send(frame(`pending-${i}`, bytes('00 00 01 00'))) },
    socket => { for (let i = 0; i < 12; i++) socket.send(frame(name, bytes('00 02'), varUint(1 << 20), Buffer.alloc(1 << 20))) }
  ]) {
    const socket = new WebSocket(hocuspocusUrl(strict))
    socket.on('error', () => {})
    await once(socket, 'open')
    attack(socket)
    assert.equal(await closed(socket), 4205)
  }
  honest.text.insert(0, 'x')
  await honest.saved()
  assert.deepEqual(honest.closes, [])
})
