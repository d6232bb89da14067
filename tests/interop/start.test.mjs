// A wrong start is refused with a sentence that names what is wrong.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { connect } from './lib/clients.mjs'
import { convergeWithServer } from './lib/documents.mjs'
import { freePort, makeTempDir, runToEnd, startServer } from './lib/server.mjs'

const tempDir = t => {
  const dir = makeTempDir()
  t.after(() => fs.rmSync(dir, { recursive: true, force: true }))
  return dir
}

/** Starts with the given arguments and expects a refusal that mentions `said` and shows no stack trace. */
const refuse = async (dir, said, { database = path.join(dir, 't.db'), host = '127.0.0.1', args = [] } = {}) => {
  const { code, signal, output } = await runToEnd(
    ['--urls', `http://${host}:${await freePort()}`, `--CoEdit:Storage:ConnectionString=Data Source=${database}`, ...args], dir)
  assert.equal(signal, null, output)
  assert.notEqual(code, 0, output)
  assert.match(output, said)
  assert.doesNotMatch(output, /^\s+at [\w.<>`]+\(/m, 'a sentence is expected, not a stack trace')
}

for (const [key, value] of [
  ['CoEdit:Limits:MaxMessageBytes', '-1'],
  ['CoEdit:Limits:MaxMessageBytes', '0'],
  ['CoEdit:Limits:MaxMessageBytes', 'many'],
  ['CoEdit:Durability', 'foo'],
  ['CoEdit:Storage:Provider', 'PostgreSql'],
  ['CoEdit:Storage:Provider', 'Oracle'],
  ['CoEdit:Storage:Synchronous', 'Sometimes'],
  ['CoEdit:Storage:ConnectionString', ''],
  ['CoEdit:Auth:Mode', 'Perhaps']
]) {
  test(`${key}=${value} is refused by name`, async t => {
    await refuse(tempDir(t), new RegExp(key), { args: [`--${key}=${value}`] })
  })
}

test('No authentication on an address that others can reach is refused, and the key that allows it is named', async t => {
  await refuse(tempDir(t), /CoEdit:Auth:AllowAnonymousNetwork/, { host: '0.0.0.0', args: ['--CoEdit:Auth:Mode=None'] })
})

test('A file that is not a database is refused by name and left as it is', async t => {
  const dir = tempDir(t)
  const database = path.join(dir, 'garbage.db')
  const garbage = Buffer.from('This is not a database, but somebody\'s shopping list.\n'.repeat(200))
  fs.writeFileSync(database, garbage)
  await refuse(dir, /garbage\.db/, { database })
  assert.ok(fs.readFileSync(database).equals(garbage), 'the file was touched')
})

test('A place where no file can be made is refused by name', async t => {
  const dir = tempDir(t)
  fs.writeFileSync(path.join(dir, 'plain-file'), '')
  const database = path.join(dir, 'plain-file', 'beneath.db')
  await refuse(dir, /plain-file/, { database })
})

test('A second server on the same file is refused, and the first goes on', async t => {
  const first = await startServer()
  t.after(() => first.stop())
  const client = await connect(t, first, 'in use').synced()
  client.text.insert(0, 'before')
  await refuse(first.dir, /t\.db/, { database: first.databaseFile })
  client.text.insert(0, 'after, ')
  const other = await connect(t, first, 'in use').synced()
  await convergeWithServer(first, 'in use', [client.doc, other.doc])
  assert.equal(other.text.toString(), 'after, before')
  // What was refused has not taken the lock with it, nor does a crash leave one behind.
  await refuse(first.dir, /t\.db/, { database: first.databaseFile })
  await first.restart('SIGKILL')
  await convergeWithServer(first, 'in use', [(await connect(t, first, 'in use').synced()).doc])
})
