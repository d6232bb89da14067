// Copies of one document that honest replicas of real Yjs hold: gc on and off, fresh and stale, through v1 and v2, merged and in pieces.
//   node copies.mjs --seeds 1-40 [--out corpus/copies] [--kinds mix,…] [--small FILE]
// COPIES-KIND-SEED.json: { format, name, copies: [update v1 in base64, …] }. No two of them may ever look like a fork.
// --small writes the shortest copies of each kind as lines for tests/Crdt.Tests: "copies NAME" followed by "copy BYTES".
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as Y from 'yjs'
import { parseArgs, ROOT } from './lib/util.mjs'
import { prng } from './lib/prng.mjs'
import { randomOp, cfg } from './lib/ops.mjs'
import { defineRoots } from './lib/compare.mjs'

const args = parseArgs()
const out = args.out || join(ROOT, 'corpus', 'copies')
const b64 = update => Buffer.from(update).toString('base64')
const [first, last] = String(args.seeds ?? '1-20').split('-').map(Number)

const KINDS = {
  text: { weights: [[1, 'text']] },
  halves: { weights: [[1, 'text']], split: true, undo: 0.05 },
  values: { weights: [[2, 'array'], [2, 'map']], subdocs: true },
  xml: { weights: [[1, 'xml']] },
  mix: { weights: [[4, 'text'], [3, 'array'], [3, 'map'], [3, 'xml']], subdocs: true, undo: 0.1 }
}

function copiesOf (kind, seed) {
  const options = KINDS[kind]
  const r = prng(`copies#${kind}#${seed}`)
  cfg.splitSurrogates = !!options.split
  const copies = new Set()
  // Every other replica keeps what was deleted. Some speak v2.
  const replicas = Array.from({ length: r.int(2, 5) }, (_, i) => {
    const doc = new Y.Doc({ gc: i % 2 === 0, guid: 'copies' })
    defineRoots(doc)
    doc.clientID = r.u32() + i * 7
    const replica = { doc, v2: r.bool(0.4), log: [] }
    doc.on('update', (update, origin) => { if (origin !== 'remote') { replica.log.push(update); copies.add(b64(update)) } })
    if (options.undo) replica.undo = new Y.UndoManager([doc.getText('text'), doc.getArray('array'), doc.getMap('map')], { captureTimeout: 0, trackedOrigins: new Set(['me']) })
    return replica
  })
  const send = (from, to) => {
    const known = Y.encodeStateVector(to.doc)
    if (from.v2) Y.applyUpdateV2(to.doc, Y.encodeStateAsUpdateV2(from.doc, known), 'remote')
    else Y.applyUpdate(to.doc, Y.encodeStateAsUpdate(from.doc, known), 'remote')
  }
  const keep = ({ doc }) => {
    const state = Y.encodeStateAsUpdate(doc)
    copies.add(b64(state))
    copies.add(b64(Y.convertUpdateFormatV2ToV1(Y.encodeStateAsUpdateV2(doc))))
    copies.add(b64(Y.convertUpdateFormatV2ToV1(Y.convertUpdateFormatV1ToV2(state))))
    // Somebody who has seen nothing yet, and now writes it all again.
    const fresh = new Y.Doc({ gc: r.bool() })
    Y.applyUpdate(fresh, state)
    copies.add(b64(Y.encodeStateAsUpdate(fresh)))
  }
  const vectors = []
  const total = r.int(20, 70)
  for (let step = 0; step < total; step++) {
    const replica = r.pick(replicas)
    replica.doc.transact(() => { for (let i = r.int(1, 3); i > 0; i--) randomOp(r, replica.doc, options) }, 'me')
    if (replica.undo && r.bool(options.undo)) { if (r.bool(0.7)) replica.undo.undo(); else replica.undo.redo() }
    if (r.bool(0.4)) send(replica, r.pick(replicas))
    if (r.bool(0.08)) keep(replica)
    if (r.bool(0.1)) vectors.push(Y.encodeStateVector(replica.doc))
    if (r.bool(0.1) && replica.log.length > 2) copies.add(b64(Y.mergeUpdates(replica.log.slice(-r.int(2, 6)))))
  }
  for (let round = 0; round < 2; round++) for (const a of replicas) for (const b of replicas) send(a, b)
  replicas.forEach(keep)
  const merged = Y.mergeUpdates(r.shuffle([...copies]).map(copy => new Uint8Array(Buffer.from(copy, 'base64'))))
  copies.add(b64(merged))
  for (const vector of vectors) {
    copies.add(b64(Y.diffUpdate(merged, vector)))
    copies.add(b64(Y.encodeStateAsUpdate(r.pick(replicas).doc, vector)))
  }
  return { format: 'coedit-copies-1', name: `copies-${kind}-${seed}`, copies: [...copies] }
}

const small = []
mkdirSync(out, { recursive: true })
for (const kind of Object.keys(KINDS)) {
  if (args.kinds && !String(args.kinds).split(',').includes(kind)) continue
  let shortest = null
  for (let seed = first; seed <= (last || first); seed++) {
    const made = copiesOf(kind, seed)
    const json = JSON.stringify(made)
    writeFileSync(join(out, made.name + '.json'), json)
    if (!shortest || json.length < shortest.length) shortest = Object.assign(made, { length: json.length })
  }
  small.push(`copies ${shortest.name}`, ...shortest.copies.map(copy => `copy ${copy}`))
  console.log(`ok copies.${kind}`)
}
if (args.small) writeFileSync(args.small, small.join('\n') + '\n')
