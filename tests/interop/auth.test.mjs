// Stock y-websocket clients and tokens: what they may do, and how they learn that they may not.
import assert from 'node:assert/strict'
import crypto from 'node:crypto'
import { after, before, test } from 'node:test'
import { connect, versions } from './lib/clients.mjs'
import { startServer } from './lib/server.mjs'
import { until } from './lib/until.mjs'

const secret = crypto.randomBytes(32)
const encode = value => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A token of `user`; `rights` as in the claim `coedit`. */
const mint = (user, rights, { seconds = 600, ...claims } = {}) => {
  const now = Math.floor(Date.now() / 1000)
  const signed = encode({ alg: 'HS256', typ: 'JWT' }) + '.' +
    encode({ sub: user, aud: 'coedit', exp: now + seconds, coedit: rights, ...claims })
  return signed + '.' + crypto.createHmac('sha256', secret).update(signed).digest('base64url')
}
const write = { prefix: '', rights: 'write' }
const read = { prefix: '', rights: 'read' }

let server
before(async () => {
  server = await startServer('--CoEdit:Auth:Mode=Jwt', `--CoEdit:Auth:Jwt:Keys:0:Key=${secret.toString('base64')}`,
    '--Logging:LogLevel:Default=Trace', '--Logging:LogLevel:Microsoft.AspNetCore=Trace')
})
after(() => server?.stop())

for (const version of versions) {
  test(`A reader of y-websocket ${version} reads, is told that its typing is not kept, and the document stays as it is`, async t => {
    const name = `readers-${version}`
    const ada = await connect(t, server, name, { version, params: { token: mint('ada', write) } }).synced()
    ada.text.insert(0, 'hello')
    const said = []
    const { warn } = console
    console.warn = text => said.push(text)
    t.after(() => { console.warn = warn })
    const bob = await connect(t, server, name, { version, params: { token: mint('bob', read) } }).synced()
    await until(() => bob.text.toString() === 'hello', 'the reader to have the text')
    bob.text.insert(5, ' graffiti')
    await until(() => said.some(text => /not kept/.test(text)), 'the reader to be told')
    ada.text.insert(5, ' world')
    await until(() => bob.text.toString().includes(' world'), 'the reader to see more')
    assert.equal(ada.text.toString(), 'hello world')
    assert.deepEqual(bob.closes, [])
    const late = await connect(t, server, name, { version, params: { token: mint('cyd', read) } }).synced()
    assert.equal(late.text.toString(), 'hello world')
  })
}

test('y-websocket 3.1 takes a token as subprotocol, and stops for good when it has none, no rights, or an expired one', async t => {
  const good = mint('ada', { name: 'mine', rights: 'write' })
  await connect(t, server, 'mine', { version: '3.1', protocols: ['coedit', `bearer.${good}`] }).synced()
  for (const [token, name, code] of [['', 'mine', 4401], [good, 'other', 4403], [mint('ada', write, { seconds: -1 }), 'mine', 4401]]) {
    const client = connect(t, server, name, { version: '3.1', params: { token } })
    await until(() => client.closes.length > 0, 'the close')
    assert.equal(client.closes[0].code, code)
    await until(() => !client.provider.shouldConnect, 'the provider to stop')
  }
})

test('A socket is closed with 4401 when its token expires', async t => {
  const client = connect(t, server, 'expiry', { version: '3.1', params: { token: mint('ada', write, { seconds: 3 }) } })
  await until(() => client.closes.length > 0, 'the close')
  assert.equal(client.closes[0].code, 4401)
})

test('No token occurs in the log at its most talkative', async t => {
  const token = mint('ada', write)
  await connect(t, server, 'log', { version: '3.1', params: { token } }).synced()
  await until(() => server.output.includes('/ws/log'), 'the request to be logged')
  for (const segment of token.split('.')) assert.ok(!server.output.includes(segment))
})
