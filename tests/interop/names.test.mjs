// Document names: what is one document, what is two, and what is none.
import assert from 'node:assert/strict'
import http from 'node:http'
import { after, before, test } from 'node:test'
import { connect, versions } from './lib/clients.mjs'
import { convergeWithServer, updatesOf } from './lib/documents.mjs'
import { step1, update } from './lib/frames.mjs'
import { RawSocket } from './lib/raw-socket.mjs'
import { startServer } from './lib/server.mjs'
import { until } from './lib/until.mjs'

let server
before(async () => { server = await startServer() })
after(() => server?.stop())

/** A GET whose target goes over the wire as it is; `fetch` would tidy it up first. */
const get = target => new Promise((resolve, reject) => {
  const request = http.get({ host: '127.0.0.1', port: server.port, path: target, agent: false, headers: { Host: server.host } }, async response => {
    let body = ''
    for await (const chunk of response.setEncoding('utf8')) body += chunk
    resolve({ status: response.statusCode, type: response.headers['content-type'] ?? '', body })
  })
  request.once('error', reject)
})

const listedNames = async () => (await server.list()).map(document => document.name)

/** The list tells what is stored, which a document is a moment after it was written. */
const untilListed = name => until(async () => (await listedNames()).includes(name), `${name} to be listed`)

let nextClient = 1000
/** Writes `content` into the document behind a request target and waits until the server has it. */
const writeAt = async (t, target, content) => {
  const raw = await RawSocket.open(t, server, target)
  raw.send(update(updatesOf(nextClient++, doc => doc.getArray('array').push([content]))[0]))
  raw.send(step1())
  await raw.nextOfKind('step2')
}

const arrayOf = async (t, name) => {
  const client = await connect(t, server, name).synced()
  return client.doc.getArray('array').toJSON().sort()
}

// [what it shows, the document's name, targets that mean it]
const sameDocument = [
  ['A slash may be written as %2F', 'same/slash', ['/ws/same/slash', '/ws/same%2Fslash', '/ws/same%2fslash']],
  ['Cyrillic and its percent-encoded form', 'ключ', ['/ws/%D0%BA%D0%BB%D1%8E%D1%87', '/ws/%d0%ba%d0%bb%d1%8e%d1%87']],
  ['A space is %20', 'two words', ['/ws/two%20words']],
  ['A plus is a plus', 'one+one', ['/ws/one+one', '/ws/one%2Bone', '/ws/one%2bone']],
  ['Letters may be percent-encoded', 'plain', ['/ws/plain', '/ws/%70%6c%61%69%6e', '/ws/plain?x=1', '/ws/plain?']],
  ['A question mark and a hash can be part of a name', 'what?#1', ['/ws/what%3F%231']],
  ['Decoding happens once', 'once%2Fonly', ['/ws/once%252Fonly']],
  ['A lone percent sign can be named', '100%', ['/ws/100%25']],
  ['Emoji', '🙂/🙃', ['/ws/%F0%9F%99%82/%F0%9F%99%83']],
  ['Dots within a segment are ordinary', 'v1..v2/...', ['/ws/v1..v2/...']],
  ['Exactly 256 bytes of UTF-8', 'ж'.repeat(128), ['/ws/' + '%D0%B6'.repeat(128)]],
  ['Empty segments in the middle are kept', 'a//b', ['/ws/a//b', '/ws/a%2F/b']],
  ['Backslashes and colons are ordinary', 'c:\\temp', ['/ws/c:%5Ctemp', '/ws/c%3A%5ctemp']]
]

for (const [what, name, targets] of sameDocument) {
  test(`${what}: ${name.length > 40 ? name.slice(0, 8) + '…' : name}`, async t => {
    for (const target of targets) await writeAt(t, target, target)
    await untilListed(name)
    assert.equal((await server.metadata(name)).name, name)
    const client = await connect(t, server, name.split('/').map(encodeURIComponent).join('/')).synced()
    assert.deepEqual(client.doc.getArray('array').toJSON().sort(), [...targets].sort())
    await convergeWithServer(server, name, [client.doc])
  })
}

test('Clients that write the name as it is meet clients that encode it', async t => {
  for (const name of ['мой документ', 'a b', 'x/y z', '日本語/文書', 'q+r']) {
    const plain = versions.map(version => connect(t, server, name, { version }))
    const encoded = versions.map(version => connect(t, server, encodeURIComponent(name), { version }))
    const clients = [...plain, ...encoded]
    for (const client of clients) await client.synced()
    clients.forEach((client, i) => client.text.insert(0, `${i}`))
    await convergeWithServer(server, name, clients.map(client => client.doc))
    assert.equal(clients[0].text.length, clients.length)
  }
})

test('Names that differ in case, in spaces or in normalisation are different documents', async t => {
  const names = ['Differ', 'differ', 'dif fer', 'dif+fer', 'caf\u00e9', 'cafe\u0301', 'differ/x', 'differ%2Fx']
  for (const name of names) await writeAt(t, '/ws/' + encodeURIComponent(name), name)
  for (const name of names) {
    await untilListed(name)
    assert.deepEqual(await arrayOf(t, encodeURIComponent(name)), [name])
  }
})

// [what is wrong, the name as it goes over the wire]
const badNames = [
  ['an empty name', ''],
  ['a dot segment', '..'],
  ['a dot segment at the front', '../secret'],
  ['a dot segment inside', 'a/../b'],
  ['an encoded dot segment', 'a/%2e%2e/b'],
  ['an encoded dot segment behind an encoded slash', 'a%2F..%2Fb'],
  ['a single dot', '.'],
  ['a single dot inside', 'a/./b'],
  ['a percent sign with letters that are not hexadecimal', '%zz'],
  ['a percent sign with one digit', 'a%4'],
  ['a percent sign at the end', 'a%'],
  ['bytes that are not UTF-8', 'a%ff'],
  ['an overlong encoding', 'a%C0%AFb'],
  ['half a surrogate pair', '%ED%A0%80'],
  ['a line break', 'a%0Ab'],
  ['an escape character', '%1b'],
  ['300 bytes', 'x'.repeat(300)],
  ['257 bytes', 'x'.repeat(257)],
  ['258 bytes in 129 characters', '%D0%B6'.repeat(129)],
  ['a trailing slash', 'a/'],
  ['an encoded trailing slash', 'a%2F'],
  ['a leading slash', '/a'],
  ['an encoded leading slash', '%2Fa']
]

for (const [what, name] of badNames) {
  const shown = name.length > 40 ? name.slice(0, 12) + '…' : name

  test(`A socket with ${what} is accepted and closed with 4400 and a reason: ${shown}`, async t => {
    const raw = await RawSocket.open(t, server, '/ws/' + name)
    const { code, reason } = await raw.waitForClose()
    assert.equal(code, 4400)
    assert.match(reason, /\w+ \w+/, 'a reason in words')
  })

  test(`A plain GET with ${what} is answered with 400 and problem details: ${shown}`, async () => {
    assertProblem(await get('/ws/' + name))
  })

  // In the API a name is one encoded segment; the empty one is the list, and a plain slash leaves the segment.
  if (name !== '' && !name.includes('/')) {
    for (const rest of ['', '/state']) {
      test(`The API answers ${what} with 400 and problem details: ${shown}${rest}`, async () => {
        assertProblem(await get('/api/v1/documents/' + name + rest))
      })
    }
  }
}

const assertProblem = ({ status, type, body }) => {
  assert.equal(status, 400, body)
  assert.match(type, /^application\/problem\+json/)
  const problem = JSON.parse(body)
  assert.equal(problem.status, 400)
  assert.match(problem.detail ?? problem.title, /\w+ \w+/)
}

test('A NUL in a name does not even reach the server: the HTTP layer refuses the request', async t => {
  for (const prefix of ['/ws/', '/api/v1/documents/']) assert.equal((await get(`${prefix}a%00b`)).status, 400)
  const refused = await RawSocket.open(t, server, '/ws/a%00b').then(raw => raw.waitForClose(), error => error)
  assert.ok(refused.status === 400 || refused.code === 4400, JSON.stringify(refused))
})

test('y-websocket 3.1 stops for good on a bad name and tells why', async t => {
  const client = connect(t, server, 'bad/')
  let closed = null
  client.provider.on('closed', event => { closed = event })
  await until(() => closed, 'the provider to give up')
  assert.equal(closed.code, 4400)
  assert.match(closed.reason, /\w+ \w+/)
  assert.equal(client.provider.shouldConnect, false)
})

test('Nothing that was refused is listed', async () => {
  const listed = await listedNames()
  for (const [, name] of badNames) assert.ok(!listed.includes(name), name)
  assert.ok(listed.every(name => name !== '' && !name.endsWith('/') && !name.startsWith('/')), JSON.stringify(listed))
})
