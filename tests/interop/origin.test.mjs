// Which pages may open a socket. A browser always tells its page's origin; what is not a browser may leave it out.
import assert from 'node:assert/strict'
import http from 'node:http'
import { after, before, test } from 'node:test'
import { HandshakeRefused, RawSocket } from './lib/raw-socket.mjs'
import { startServer } from './lib/server.mjs'

let server
before(async () => { server = await startServer('--CoEdit:Security:AllowedOrigins:0=https://editor.example') })
after(() => server?.stop())

const refused = async (t, headers) => {
  const error = await RawSocket.open(t, server, '/ws/origin', headers).then(() => null, error => error)
  assert.ok(error instanceof HandshakeRefused, `accepted or failed otherwise: ${error}`)
  return error.status
}

const accepted = async (t, headers) => {
  const raw = await RawSocket.open(t, server, '/ws/origin', headers)
  await raw.nextOfKind('step1')
}

for (const [what, origin] of [
  ['another site', () => 'https://evil.example'],
  ['another site over http', () => 'http://evil.example'],
  ['an opaque origin', () => 'null'],
  ['a site that begins with the name of this one', () => `http://${server.host}.evil.example`],
  ['a site that begins with localhost', () => 'http://localhost.evil.example'],
  ['a site that ends with localhost', () => 'http://evil-localhost'],
  ['a user name that looks like a local site', () => 'http://localhost:80@evil.example'],
  ['a file', () => 'file://'],
  ['something that is no origin', () => 'localhost'],
  ['an empty origin', () => ''],
  ['the listed origin with another scheme', () => 'http://editor.example'],
  ['the listed origin with another port', () => 'https://editor.example:8443'],
  ['a subdomain of the listed origin', () => 'https://sub.editor.example']
]) {
  test(`A page of ${what} is refused with 403`, async t => {
    assert.equal(await refused(t, { Origin: origin() }), 403)
  })
}

for (const [what, headers] of [
  ['the same host and port', () => ({ Origin: server.url })],
  ['localhost on another port', () => ({ Origin: 'http://localhost:1234' })],
  ['127.0.0.1 on another port', () => ({ Origin: 'http://127.0.0.1:5173' })],
  ['[::1] on another port', () => ({ Origin: 'http://[::1]:8080' })],
  ['localhost on the default port', () => ({ Origin: 'http://localhost' })],
  ['the listed origin', () => ({ Origin: 'https://editor.example' })],
  ['the same host under the name localhost', () => ({ Origin: `http://localhost:${server.port}`, Host: `localhost:${server.port}` })]
]) {
  test(`A page of ${what} is accepted`, async t => accepted(t, headers()))
}

test('A client that is not a browser and sends no origin is accepted', async t => accepted(t, {}))

test('A foreign host name that was made to resolve to this machine is refused, page or not', async t => {
  for (const headers of [
    { Host: `evil.example:${server.port}`, Origin: `http://evil.example:${server.port}` },
    { Host: `evil.example:${server.port}` },
    { Host: 'evil.example' },
    { Host: `localhost.evil.example:${server.port}` }
  ]) {
    const status = await refused(t, headers)
    assert.ok(status >= 400 && status < 500, `${JSON.stringify(headers)}: ${status}`)
  }
  const status = await new Promise((resolve, reject) => {
    http.get({ host: '127.0.0.1', port: server.port, path: '/api/v1/documents', agent: false, headers: { Host: 'evil.example' } },
      response => { response.resume(); resolve(response.statusCode) }).once('error', reject)
  })
  assert.ok(status >= 400 && status < 500, `the API answered ${status}`)
})

test('A foreign page cannot read the API', async () => {
  const response = await fetch(`${server.url}/api/v1/documents`, { headers: { Origin: 'https://evil.example' } })
  await response.text()
  assert.equal(response.headers.get('access-control-allow-origin'), null)
})
