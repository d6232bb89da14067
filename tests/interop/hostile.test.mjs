// Whatever one socket sends, the others keep editing and the document stays what it was.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { connect, versions } from './lib/clients.mjs'
import { convergeWithServer, updatesOf } from './lib/documents.mjs'
import { awareness, bytes, concat, hex, rawAwareness, step1, step2, update, varUint } from './lib/frames.mjs'
import { RawSocket, opcodes } from './lib/raw-socket.mjs'
import { startServer } from './lib/server.mjs'
import { seededRandom, seedOfRun } from './lib/random.mjs'
import { until } from './lib/until.mjs'

const MAX_MESSAGE = 1_048_576

let server
before(async () => { server = await startServer(`--CoEdit:Limits:MaxMessageBytes=${MAX_MESSAGE}`) })
after(() => server?.stop())

/** How a socket that sent nonsense may be closed: never with a 44xx code, after which an honest client would not come back. */
const refusals = [1002, 1003, 1007, 1008, 1009]

let rooms = 0

/**
 * Two clients edit a document, an attacker joins it and `attack`s, the clients edit on.
 * Afterwards they must never have been disconnected and must show the same, which is also what the server stored.
 */
const survive = async (t, attack) => {
  const name = `hostile-${++rooms}`
  const honest = [await connect(t, server, name, { version: '1.5', state: { name: 'a' } }).synced(), await connect(t, server, name, { state: { name: 'b' } }).synced()]
  honest[0].text.insert(0, 'before ')
  await until(() => honest[1].text.toString() === 'before ', 'the clients to be in touch')

  const attacker = await RawSocket.join(t, server, name)
  await attacker.nextOfKind('step1')
  const stateBefore = await server.state(name)
  await attack(attacker, { name, honest, stateBefore })

  honest[0].text.insert(0, 'a after ')
  honest[1].text.insert(0, 'b after ')
  await convergeWithServer(server, name, honest.map(client => client.doc))
  assert.match(honest[0].text.toString(), /^(a after b after |b after a after )before $/)
  for (const client of honest) {
    assert.deepEqual(client.closes, [], `the ${client.version} client was disconnected`)
    assert.deepEqual([...client.awareness.getStates().values()].map(state => state.name).sort(), ['a', 'b'])
  }
}

/** Waits until the server has dealt with everything sent so far: it answers a step 1, or has closed the socket. */
const dealtWith = async attacker => {
  const answers = () => attacker.parsed.filter(message => message.kind === 'step2').length
  const before = answers()
  attacker.send(step1())
  await until(() => attacker.closed || answers() > before, 'the server to answer or to close', 20_000, () => attacker.dump())
}

const assertOpen = attacker => assert.equal(attacker.closed, null, 'the socket should have stayed open')

const assertRefused = (attacker, code) => {
  assert.equal(attacker.closed?.code, code, attacker.dump())
  assert.match(attacker.closed.reason, /\w+ \w+/, 'a reason in words')
}

const MAX_VARUINT = varUint(2 ** 53 - 1)
const TOO_LONG_VARUINT = bytes('ff ff ff ff ff ff ff ff ff ff ff ff ff 01')
const TWO_TO_32 = varUint(2 ** 32)
const [goodUpdate] = updatesOf(501, doc => {
  doc.getText('text').insert(0, 'never to be seen')
  doc.getMap('map').set('k', [1, 'two', { three: null }])
})

test('A message of an unknown type is ignored', t => survive(t, async attacker => {
  for (const frame of ['04', '05 00', '63 01 02 03', '7f', '80 01 00', 'ff ff ff ff 0f']) attacker.send(bytes(frame))
  await dealtWith(attacker)
  assertOpen(attacker)
}))

for (const [what, frame] of [
  ['an empty message', ''],
  ['a single byte that needs a second', '80'],
  ['a sync message without a kind', '00'],
  ['an awareness message without a body', '01'],
  ['an auth message without a body', '02'],
  ['an unknown kind of sync message', '00 07 01 00'],
  ['a step 1 without a vector', '00 00'],
  ['a vector shorter than it says', '00 00 05 01 41'],
  ['a vector that names more clients than it holds', '00 00 03 05 01 01'],
  ['a type that never ends', 'ff ff ff ff ff ff ff ff ff ff ff ff ff 01']
]) {
  test(`Nonsense costs at most its sender the socket: ${what}`, t => survive(t, async attacker => {
    attacker.send(bytes(frame))
    await dealtWith(attacker)
    if (attacker.closed) assert.ok(refusals.includes(attacker.closed.code), `closed with ${attacker.closed.code} ${attacker.closed.reason}`)
  }))
}

test('Lengths of 2^53 are not believed', t => survive(t, async (_, { name }) => {
  for (const start of ['00 00', '00 01', '00 02', '01', '01 05 01', '00 02 02 01', '02 00']) {
    for (const length of [MAX_VARUINT, TOO_LONG_VARUINT, TWO_TO_32, varUint(2 ** 31), varUint(2 ** 31 - 1)]) {
      const attacker = await RawSocket.join(t, server, name)
      attacker.send(concat(bytes(start), length, bytes('01 02 03')))
      await dealtWith(attacker)
      if (attacker.closed) assert.ok(refusals.includes(attacker.closed.code), `${start} ${hex(length)}: closed with ${attacker.closed.code} ${attacker.closed.reason}`)
    }
  }
}))

// [what, the update's bytes]: each is refused as a whole
const malformedUpdates = [
  ['an empty update', bytes('')],
  ['one client section that is missing', bytes('01')],
  ['2^32 client sections', concat(TWO_TO_32, bytes('00'))],
  ['2^32 structs', concat(bytes('01'), TWO_TO_32, bytes('41 00 04 01 04 74657874 01 61 00'))],
  ['2^53 - 1 structs', concat(bytes('01'), MAX_VARUINT, bytes('41 00 04 01 04 74657874 01 61 00'))],
  ['a client id above 2^53', concat(bytes('01 01'), bytes('ff ff ff ff ff ff ff ff ff 01'), bytes('00 04 01 04 74657874 01 61 00'))],
  ['a string longer than the update', bytes('01 01 c103 00 04 01 04 74657874 ff ff ff ff 0f 61 00')],
  ['a string that is not UTF-8', bytes('01 01 c103 00 04 01 04 74657874 02 c3 28 00')],
  ['an unknown content kind', bytes('01 01 c103 00 0f 01 04 74657874 01 61 00')],
  ['an unknown type', bytes('01 01 c103 00 07 01 04 74657874 63 00')],
  ['JSON content that is not JSON', bytes('01 01 c103 00 05 01 03 6d6170 01 7b 00')],
  ['a value of an unknown sort', bytes('01 01 c103 00 08 01 05 6172726179 01 07 00')],
  ['2^32 values', concat(bytes('01 01 c103 00 08 01 05 6172726179'), TWO_TO_32, bytes('7f 00'))],
  ['a clock that overflows', concat(bytes('01 01 c103'), MAX_VARUINT, bytes('04 01 04 74657874 01 61 00'))],
  ['a delete set of 2^32 clients', concat(bytes('00'), TWO_TO_32)],
  ['a delete set of 2^32 ranges', concat(bytes('00 01 c103'), TWO_TO_32, bytes('00 01'))],
  ['an item that refers to its own future', bytes('01 01 c103 00 84 c103 05 01 61 00')],
  ['a good update with its last byte missing', goodUpdate.subarray(0, -1)],
  ['a good update cut in the middle', goodUpdate.subarray(0, goodUpdate.length >> 1)],
  ['a good update followed by a broken struct', concat(bytes('02'), goodUpdate.subarray(1, -1), bytes('01 c203 00 0f 01 00'))]
]

for (const [what, malformed] of malformedUpdates) {
  test(`A malformed update closes its sender with 1007 and a reason, and changes nothing: ${what}`, t => survive(t, async (attacker, { name, stateBefore }) => {
    attacker.send(update(malformed))
    await attacker.waitForClose()
    assertRefused(attacker, 1007)
    assert.equal(hex(await server.state(name)), hex(stateBefore))

    const second = await RawSocket.join(t, server, name)
    second.send(step2(malformed))
    await second.waitForClose()
    assertRefused(second, 1007)
    assert.equal(hex(await server.state(name)), hex(stateBefore))
  }))
}

const DEEP = 100_000
const embed = json => concat(bytes('01 01 c103 00 05 01 04 74657874'), varUint(json.length), Buffer.from(json), bytes('00'))
for (const [what, deep] of [
  ['values', concat(bytes('01 01 c103 00 08 01 05 6172726179 01'), new Uint8Array(2 * DEEP).map((_, i) => i % 2 ? 1 : 0x75), bytes('7e 00'))],
  ['an embed', embed('['.repeat(DEEP) + ']'.repeat(DEEP))],
  ['an embed of objects', embed('{"a":'.repeat(DEEP) + '1' + '}'.repeat(DEEP))]
]) {
  test(`What is nested 100,000 deep reaches nobody, for the clients would run out of stack: ${what}`, t => survive(t, async (attacker, { name, stateBefore }) => {
    attacker.send(update(deep))
    await dealtWith(attacker)
    assert.ok([1007, 4413].includes(attacker.closed?.code), `accepted\n${attacker.dump()}`)
    assert.equal(hex(await server.state(name)), hex(stateBefore))
  }))
}

test('An update cut at any byte is refused or changes nothing', t => survive(t, async (_, { name, stateBefore }) => {
  for (let length = 0; length < goodUpdate.length; length++) {
    const attacker = await RawSocket.join(t, server, name)
    attacker.send(update(goodUpdate.subarray(0, length)))
    await dealtWith(attacker)
    assert.equal(attacker.closed?.code, 1007, `cut at ${length}: ${hex(goodUpdate.subarray(0, length))}\n${attacker.dump()}`)
  }
  assert.equal(hex(await server.state(name)), hex(stateBefore))
}))

test('A text message is answered with 1003', t => survive(t, async attacker => {
  attacker.sendText('{"hello":"server"}')
  await attacker.waitForClose()
  assertRefused(attacker, 1003)
}))

test('Noise of 4 KB, many times, costs at most its sender the socket', t => {
  const seed = seedOfRun()
  t.diagnostic(`seed: ${seed} (COEDIT_SEED)`)
  const random = seededRandom(seed)
  return survive(t, async (_, { name, stateBefore }) => {
    for (let round = 0; round < 40; round++) {
      const attacker = await RawSocket.join(t, server, name)
      const noise = Uint8Array.from({ length: 4096 }, () => random.integer(256))
      // The first bytes decide how far a decoder gets, so every kind of message has its turn.
      const start = [[], [0, 0], [0, 1], [0, 2], [1], [0, 2, 0xfd, 0x1f], [1, 0xfe, 0x1f], [0, 2, 0xfd, 0x1f, 1, 1]][round % 8]
      noise.set(start)
      attacker.send(noise)
      await dealtWith(attacker)
      if (attacker.closed) assert.ok(refusals.includes(attacker.closed.code), `${hex(noise)}: closed with ${attacker.closed.code} ${attacker.closed.reason}`)
    }
    // Noise that happens to be a well-formed update may change the document, but hardly ever is.
    assert.equal(hex(await server.state(name)), hex(stateBefore))
  })
})

test('Awareness that claims 2^32 entries costs its sender the socket and reaches nobody', t => survive(t, async (attacker, { name }) => {
  const witness = await RawSocket.join(t, server, name)
  attacker.send(rawAwareness(concat(TWO_TO_32, bytes('41 01 02 7b7d'))))
  await dealtWith(attacker)
  if (attacker.closed) assert.ok(refusals.includes(attacker.closed.code), attacker.dump())
  witness.send(step1())
  await witness.nextOfKind('step2')
  assert.ok(!witness.parsed.some(message => message.entries?.some(entry => entry.id === 0x41)), witness.dump())
}))

for (const [what, json] of [['an unfinished object', '{"user":'], ['nothing', ''], ['two values', '1 2'], ['a bare word', 'undefined'], ['nested 100,000 deep', '['.repeat(100_000) + ']'.repeat(100_000)]]) {
  // The clients parse what they are sent without a safety net, so one broken state would break every tab.
  test(`Awareness whose state is not JSON reaches nobody: ${what}`, t => survive(t, async (attacker, { name }) => {
    const witness = await RawSocket.join(t, server, name)
    attacker.send(awareness({ id: 601, clock: 1, json }))
    await dealtWith(attacker)
    if (attacker.closed) assert.ok(refusals.includes(attacker.closed.code), attacker.dump())
    witness.send(step1())
    await witness.nextOfKind('step2')
    assert.ok(!witness.parsed.some(message => message.entries?.some(entry => entry.id === 601)), witness.dump())
  }))
}

test('A message over the limit is refused with 1009 while it is still arriving', t => survive(t, async attacker => {
  const announced = 64 * 1024 * MAX_MESSAGE
  attacker.write(RawSocket.header(opcodes.binary, announced))
  const chunk = Buffer.alloc(65_536, 7)
  let sent = 0
  while (!attacker.closed && sent < announced) {
    sent += chunk.length
    // Wait for the connection to take the chunk, so that `sent` is what has left and not what we have queued.
    if (!attacker.write(chunk)) await until(() => attacker.closed || attacker.socket.writableLength === 0, 'the chunk to leave')
  }
  await attacker.waitForClose()
  assertRefused(attacker, 1009)
  assert.ok(sent < 32 * MAX_MESSAGE, `${sent} bytes were taken before the refusal`)
}))

test('A message one byte over the limit is refused with 1009', t => survive(t, async (attacker, { name, stateBefore }) => {
  const tooLong = update(updatesOf(502, doc => doc.getText('text').insert(0, 'x'.repeat(MAX_MESSAGE)))[0])
  attacker.send(tooLong.subarray(0, MAX_MESSAGE + 1))
  await attacker.waitForClose()
  assertRefused(attacker, 1009)
  assert.equal(hex(await server.state(name)), hex(stateBefore))
}))

test('Fragments that together exceed the limit are refused with 1009', t => survive(t, async attacker => {
  const part = Buffer.alloc(MAX_MESSAGE / 8, 7)
  attacker.frame(opcodes.binary, part, false)
  for (let i = 0; i < 8; i++) attacker.frame(opcodes.continuation, part, false)
  await attacker.waitForClose()
  assertRefused(attacker, 1009)
}))

test('A message of exactly the limit is taken', async t => {
  const raw = await RawSocket.join(t, server, 'exactly')
  const overhead = update(updatesOf(503, doc => doc.getText('text').insert(0, 'x'.repeat(MAX_MESSAGE - 100)))[0]).length - (MAX_MESSAGE - 100)
  const exact = update(updatesOf(503, doc => doc.getText('text').insert(0, 'x'.repeat(MAX_MESSAGE - overhead)))[0])
  assert.equal(exact.length, MAX_MESSAGE)
  raw.send(exact)
  raw.send(step1())
  await raw.nextOfKind('step2')
  assert.equal(raw.closed, null)
})

test('A fragmented message is put together, also with pings and empty frames in between', async t => {
  const client = await connect(t, server, 'fragments').synced()
  const raw = await RawSocket.join(t, server, 'fragments')
  const message = Buffer.from(update(updatesOf(504, doc => doc.getText('text').insert(0, 'in many pieces'))[0]))
  raw.frame(opcodes.binary, message.subarray(0, 1), false)
  for (let i = 1; i < message.length - 1; i++) {
    if (i % 7 === 0) raw.frame(opcodes.ping, Buffer.from('still here'))
    if (i % 9 === 0) raw.frame(opcodes.continuation, Buffer.alloc(0), false)
    raw.frame(opcodes.continuation, message.subarray(i, i + 1), false)
  }
  raw.frame(opcodes.continuation, message.subarray(-1), false)
  raw.frame(opcodes.continuation, Buffer.alloc(0), true)
  await until(() => client.text.toString() === 'in many pieces', 'the message', 20_000, () => raw.dump())
  assert.equal(raw.closed, null)
})

test('A message that arrives byte by byte over the connection is put together', async t => {
  const client = await connect(t, server, 'bytewise').synced()
  const raw = await RawSocket.join(t, server, 'bytewise')
  const message = update(updatesOf(505, doc => doc.getText('text').insert(0, 'one by one'))[0])
  for (const byte of Buffer.concat([RawSocket.header(opcodes.binary, message.length), message])) {
    raw.write(Buffer.from([byte]))
    await until(() => raw.socket.writableLength === 0, 'the byte to leave')
  }
  await until(() => client.text.toString() === 'one by one', 'the message', 20_000, () => raw.dump())
})

test('A flood of empty continuation frames is not endured for ever', t => survive(t, async attacker => {
  attacker.frame(opcodes.binary, bytes('00'), false)
  const flood = Buffer.concat(Array.from({ length: 1000 }, () => RawSocket.header(opcodes.continuation, 0, false)))
  for (let i = 0; i < 1000 && !attacker.closed; i++) {
    if (!attacker.write(flood)) await until(() => attacker.closed || attacker.socket.writableLength === 0, 'the frames to leave')
  }
  await attacker.waitForClose()
  assert.ok([...refusals, 1006].includes(attacker.closed.code), attacker.dump())
}))

for (const [what, data] of [
  ['a frame without a mask', Buffer.from([0x82, 0x01, 0x00])],
  ['reserved bits', Buffer.from([0xf2, 0x81, 0, 0, 0, 0, 0])],
  ['an unknown opcode', Buffer.from([0x8b, 0x80, 0, 0, 0, 0])],
  ['a continuation of nothing', Buffer.from([0x80, 0x81, 0, 0, 0, 0, 0])],
  ['a ping of 126 bytes', Buffer.concat([RawSocket.header(opcodes.ping, 126), Buffer.alloc(126)])],
  ['a fragmented ping', Buffer.from([0x09, 0x80, 0, 0, 0, 0])],
  ['a length with its top bit set', Buffer.from([0x82, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0])],
  ['no WebSocket at all', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')]
]) {
  test(`Bad framing costs its sender the socket: ${what}`, t => survive(t, async attacker => {
    attacker.write(data)
    await attacker.waitForClose()
    assert.ok([1002, 1006, 1007, 1009].includes(attacker.closed.code), attacker.dump())
  }))
}

test('Sockets that vanish in the middle of a message leave nothing behind', t => survive(t, async (_, { name, stateBefore }) => {
  for (let i = 0; i < 20; i++) {
    const raw = await RawSocket.join(t, server, name)
    const message = update(goodUpdate)
    raw.write(RawSocket.header(opcodes.binary, message.length))
    raw.write(message.subarray(0, i % message.length))
    raw.terminate()
  }
  await until(async () => (await server.metadata(name)).openPeers === 3, 'the vanished sockets to be noticed')
  assert.equal(hex(await server.state(name)), hex(stateBefore))
}))

test('After all this, each version still connects to a new document', async t => {
  for (const version of versions) {
    const client = await connect(t, server, 'afterwards', { version }).synced()
    client.text.insert(0, version)
  }
  const last = await connect(t, server, 'afterwards').synced()
  await until(() => last.text.length === versions.join('').length, 'all edits')
  await convergeWithServer(server, 'afterwards', [last.doc])
})
