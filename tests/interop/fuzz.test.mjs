// Six clients of both protocols and mixed versions edit at random, with partitions, and must agree whenever the network heals.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import * as Y from 'yjs'
import { connect, versions } from './lib/clients.mjs'
import { convergeWithServer } from './lib/documents.mjs'
import { connectHocuspocus, hocuspocusVersions } from './lib/hocuspocus.mjs'
import { seededRandom, seedOfRun } from './lib/random.mjs'
import { startServer } from './lib/server.mjs'
import { until } from './lib/until.mjs'

const ROUNDS = Number(process.env.COEDIT_FUZZ_ROUNDS ?? 30)
/** One client each; COEDIT_FUZZ_MIX chooses others, such as `3.1,hp4,hp4`. */
const kinds = process.env.COEDIT_FUZZ_MIX?.split(',') ?? [...versions, ...hocuspocusVersions]
const CLIENTS = kinds.length
const STEPS_PER_ROUND = 60
/** A document is left after so many rounds, so that small and grown documents are both tried. */
const ROUNDS_PER_DOCUMENT = 10

const formats = [{ bold: true }, { bold: null }, { em: { level: 2 } }, { link: 'https://example.com/?q=ü' }, { em: null, link: null }]

/** The edits; each takes a document and the generator, and does nothing where it does not apply. */
const edits = {
  insertText: (doc, random) => {
    const text = doc.getText('text')
    text.insert(random.integer(text.length + 1), random.word(), random.chance(0.2) ? random.pick(formats) : undefined)
  },
  deleteText: (doc, random) => {
    const text = doc.getText('text')
    if (text.length === 0) return
    const from = random.integer(text.length)
    text.delete(from, Math.min(1 + random.integer(6), text.length - from))
  },
  formatText: (doc, random) => {
    const text = doc.getText('text')
    if (text.length === 0) return
    const from = random.integer(text.length)
    text.format(from, Math.min(1 + random.integer(10), text.length - from), random.pick(formats))
  },
  embed: (doc, random) => {
    const text = doc.getText('text')
    text.insertEmbed(random.integer(text.length + 1), { image: random.word() })
  },
  setKey: (doc, random) => { doc.getMap('map').set(random.pick(['a', 'b', 'c', 'ключ']), random.pick([1, -0.25, null, true, random.word(), [1, { x: [] }]])) },
  deleteKey: (doc, random) => { doc.getMap('map').delete(random.pick(['a', 'b', 'c', 'ключ'])) },
  nestedMap: (doc, random) => {
    const key = random.pick(['deep', 'deeper'])
    const nested = doc.getMap('map').get(key)
    if (nested instanceof Y.Map && random.chance(0.8)) {
      nested.set(random.pick(['x', 'y']), random.chance(0.5) ? random.word() : new Y.Text(random.word()))
      const inner = nested.get('y')
      if (inner instanceof Y.Text) inner.insert(random.integer(inner.length + 1), random.word())
    } else {
      doc.getMap('map').set(key, new Y.Map([['x', random.word()]]))
    }
  },
  insertArray: (doc, random) => {
    const array = doc.getArray('array')
    const values = Array.from({ length: 1 + random.integer(3) }, () => random.pick([random.word(), random.integer(1000), { o: null }]))
    array.insert(random.integer(array.length + 1), values)
  },
  insertBinary: (doc, random) => {
    const array = doc.getArray('array')
    array.insert(random.integer(array.length + 1), [Uint8Array.from({ length: random.integer(5) }, () => random.integer(256))])
  },
  insertNested: (doc, random) => {
    const array = doc.getArray('array')
    array.insert(random.integer(array.length + 1), [new Y.Array()])
  },
  editNested: (doc, random) => {
    const nested = doc.getArray('array').toArray().filter(value => value instanceof Y.Array)
    if (nested.length === 0) return
    const array = random.pick(nested)
    if (array.length > 3 && random.chance(0.5)) array.delete(0, 2)
    else array.push([random.word()])
  },
  deleteArray: (doc, random) => {
    const array = doc.getArray('array')
    if (array.length === 0) return
    const from = random.integer(array.length)
    array.delete(from, Math.min(1 + random.integer(3), array.length - from))
  },
  insertXml: (doc, random) => {
    const fragment = doc.getXmlFragment('xml')
    const element = new Y.XmlElement(random.pick(['p', 'h1', 'li']))
    element.setAttribute('class', random.word())
    element.insert(0, [new Y.XmlText(random.word())])
    fragment.insert(random.integer(fragment.length + 1), [element])
  },
  editXml: (doc, random) => {
    const fragment = doc.getXmlFragment('xml')
    if (fragment.length === 0) return
    const element = fragment.get(random.integer(fragment.length))
    if (random.chance(0.3)) element.setAttribute(random.pick(['class', 'id']), random.word())
    else if (random.chance(0.2)) element.insert(element.length, [new Y.XmlElement('br')])
    else {
      const text = element.get(0)
      if (text instanceof Y.XmlText) text.insert(random.integer(text.length + 1), random.word(), random.chance(0.3) ? random.pick(formats) : undefined)
    }
  },
  deleteXml: (doc, random) => {
    const fragment = doc.getXmlFragment('xml')
    if (fragment.length > 2) fragment.delete(random.integer(fragment.length), 1)
  },
  manyInOne: (doc, random) => doc.transact(() => {
    for (let i = 0; i < 5; i++) edits[random.pick(['insertText', 'deleteText', 'setKey', 'insertArray', 'editXml'])](doc, random)
  })
}
const editNames = Object.keys(edits)

const open = (t, server, name, version, clientID) =>
  (hocuspocusVersions.includes(version) ? connectHocuspocus : connect)(t, server, name, { version, clientID })

test(`${CLIENTS} clients (${kinds.join(', ')}) converge through ${ROUNDS} rounds of edits and partitions`, { timeout: 60_000 + ROUNDS * 20_000 }, async t => {
  const seed = seedOfRun()
  t.diagnostic(`seed: ${seed} (COEDIT_SEED), rounds: ${ROUNDS} (COEDIT_FUZZ_ROUNDS)`)
  const random = seededRandom(seed)
  const server = await startServer()
  t.after(() => server.stop())

  let clients = []
  for (let round = 0; round < ROUNDS; round++) {
    const name = `fuzz/${Math.floor(round / ROUNDS_PER_DOCUMENT)}`
    if (round % ROUNDS_PER_DOCUMENT === 0) {
      for (const client of clients) client.destroy()
      clients = kinds.map(version => open(t, server, name, version, 1 + random.integer(2 ** 32 - 2)))
      for (const client of clients) await client.synced()
    }
    const story = []
    try {
      for (let step = 0; step < STEPS_PER_ROUND; step++) {
        const i = random.integer(CLIENTS)
        const client = clients[i]
        if (random.chance(0.08)) {
          story.push(`${i} (${client.version}) ${client.online ? 'leaves' : 'returns'}`)
          if (client.online) client.leave()
          else client.comeBack()
        } else {
          const edit = random.pick(editNames)
          story.push(`${i} ${edit}`)
          edits[edit](client.doc, random)
        }
        // Now and then the network gets its turn, so that edits meet edits of others and not only at the end.
        if (random.chance(0.3)) await turn()
      }
      for (const client of clients) client.comeBack()
      await until(() => clients.every(client => client.isSynced), 'the clients to reconnect', 30_000, () => clients.map(client => client.dump()).join('\n'))
      await convergeWithServer(server, name, clients.map(client => client.doc))
    } catch (error) {
      throw new Error(`round ${round} of seed ${seed}: ${error.message}\n${clients.map(client => client.dump()).join('\n')}\n${story.join('\n')}`, { cause: error })
    }
  }
  assert.ok(clients[0].doc.getText('text').length > 0)
})
