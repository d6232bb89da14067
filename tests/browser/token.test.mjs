// The page where the server asks for tokens: it takes one from its address, shows it to the server, and says so when it has none.
import assert from 'node:assert/strict'
import crypto from 'node:crypto'
import { after, before, test } from 'node:test'
import { startServer } from '../interop/lib/server.mjs'
import { launch, openContext } from './lib/browser.mjs'

const secret = crypto.randomBytes(32)
const encode = value => Buffer.from(JSON.stringify(value)).toString('base64url')
const mint = rights => {
  const signed = encode({ alg: 'HS256' }) + '.' +
    encode({ sub: 'ada', aud: 'coedit', exp: Math.floor(Date.now() / 1000) + 600, coedit: rights })
  return signed + '.' + crypto.createHmac('sha256', secret).update(signed).digest('base64url')
}

let server
let browser
before(async () => {
  server = await startServer('--CoEdit:Auth:Mode=Jwt', `--CoEdit:Auth:Jwt:Keys:0:Key=${secret.toString('base64')}`)
  browser = await launch()
})
after(async () => {
  await browser?.close()
  await server?.stop()
})

test('A token in the address opens its document, survives a reload and does not stay in the address', async t => {
  const page = await openContext(t, browser, server.url)
  await page.goto(`${server.url}/#token=${mint({ name: 'notes', rights: 'write' })}/doc/notes`)
  await page.waitForFunction(() => window.coedit?.provider?.synced)
  assert.equal(new URL(page.url()).hash, '#/doc/notes')
  await page.reload()
  await page.waitForFunction(() => window.coedit?.provider?.synced)
})

test('Without a token, and without rights, the page says so', async t => {
  const page = await openContext(t, browser, server.url)
  await page.goto(`${server.url}/#/doc/notes`)
  await page.getByText('You are not signed in').first().waitFor()
  await page.goto(`${server.url}/#token=${mint({ name: 'other', rights: 'write' })}/doc/notes`)
  await page.getByText('You may not open this document').first().waitFor()
})
