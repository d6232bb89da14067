// Randomised differential corpus: what yjs 13 (npm) does, byte for byte, for seeded multi-client histories.
//   node generate.mjs --seeds 1-40 [--out corpus] [--kinds text,mix,…] [--verify]
// One JSON file per scenario; the same seed gives the same bytes on every machine. See README.md for the fields.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as Y from 'yjs'
import { parseArgs, tag, ROOT, canon } from './lib/util.mjs'
import { prng } from './lib/prng.mjs'
import { randomOp, cfg } from './lib/ops.mjs'
import { defineRoots, view } from './lib/compare.mjs'

const args = parseArgs()
const out = args.out || join(ROOT, 'corpus')
const b64 = u => Buffer.from(u).toString('base64')
const seeds = []
for (const part of String(args.seeds ?? '1-20').split(',')) { const m = /^(\d+)-(\d+)$/.exec(part); if (m) for (let i = +m[1]; i <= +m[2]; i++) seeds.push(String(i)); else seeds.push(part) }

export const KINDS = {
  text: { weights: [[1, 'text']], format: false, clients: [2, 4], ops: [30, 120] },
  richtext: { weights: [[1, 'text']], clients: [2, 5], ops: [40, 160] },
  array: { weights: [[1, 'array']], clients: [2, 4], ops: [30, 120] },
  map: { weights: [[1, 'map']], clients: [2, 4], ops: [30, 120] },
  xml: { weights: [[1, 'xml']], clients: [2, 4], ops: [30, 120] },
  subdocs: { weights: [[2, 'map'], [2, 'array']], subdocs: true, clients: [2, 3], ops: [20, 60] },
  undo: { weights: [[3, 'text'], [2, 'array'], [2, 'map'], [2, 'xml']], undo: 0.2, clients: [2, 4], ops: [40, 120] },
  snapshot: { weights: [[3, 'text'], [1, 'array'], [1, 'map'], [1, 'xml']], gc: false, snapshots: true, clients: [2, 3], ops: [30, 80] },
  mix: { weights: [[4, 'text'], [3, 'array'], [3, 'map'], [3, 'xml']], subdocs: true, undo: 0.05, clients: [3, 8], ops: [80, 300] },
  long: { weights: [[6, 'text'], [2, 'array'], [2, 'map'], [2, 'xml']], undo: 0.03, clients: [2, 3], ops: [800, 1600] },
  surrogate: { weights: [[1, 'text']], split: true, clients: [1, 1], ops: [20, 60] }, // edits inside surrogate pairs, one author, delivered in order
  typing: { typing: true, clients: [2, 3], ops: [300, 700] }
}
const kinds = String(args.kinds || Object.keys(KINDS).join(',')).split(',')

export function scenario (kind, seed) {
  const k = KINDS[kind]; const r = prng(`${kind}#${seed}`)
  cfg.splitSurrogates = !!k.split
  const n = r.int(...k.clients); const gc = k.gc !== false
  const mkDoc = () => { const d = new Y.Doc({ gc, guid: 'corpus' }); defineRoots(d); return d }
  const clients = []
  for (let i = 0; i < n; i++) {
    const doc = mkDoc()
    // small, medium and 53-bit-safe ids all occur in the wild; ordering by id matters for the result
    doc.clientID = r.weighted([[6, () => r.u32()], [1, () => r.int(1, 120)], [1, () => 2 ** 31 + r.int(-2, 2)]])() + i * 7
    const c = { doc, log: [], seen: [], um: null }
    doc.on('update', (u, origin) => { if (origin !== 'remote') { c.log.push(u); } })
    if (k.undo) c.um = new Y.UndoManager([doc.getText('text'), doc.getArray('array'), doc.getMap('map'), doc.getXmlFragment('xml')], { captureTimeout: 0, trackedOrigins: new Set(['me']) })
    c.seen = new Array(n).fill(0); clients.push(c)
  }
  const pull = (to, from, upto) => { for (let q = to.seen[from]; q < upto; q++) Y.applyUpdate(to.doc, clients[from].log[q], 'remote'); to.seen[from] = Math.max(to.seen[from], upto) }
  const total = r.int(...k.ops); const snaps = []; const positions = []
  let caret = 0
  for (let s = 0; s < total; s++) {
    const i = r.int(0, n - 1); const c = clients[i]
    c.doc.transact(() => {
      const m = r.bool(0.8) ? 1 : r.int(2, 5)
      for (let q = 0; q < m; q++) {
        if (k.typing) { const t = c.doc.getText('text'); if (r.bool(0.1)) caret = r.int(0, t.length); caret = Math.min(caret, t.length); if (r.bool(0.15) && caret > 0) { t.delete(caret - 1, 1); caret-- } else { t.insert(caret, r.pick(['a', 'b', 'c', ' ', 'é', '\n'])); caret++ } } else randomOp(r, c.doc, k)
      }
    }, 'me')
    if (c.um && r.bool(k.undo)) { if (r.bool(0.65)) c.um.undo(); else c.um.redo() }
    if (r.bool(k.typing ? 0.1 : 0.3)) { const j = r.int(0, n - 1); if (j !== i) pull(clients[j], i, r.int(clients[j].seen[i], c.log.length)) }
    if (k.snapshots && r.bool(0.06) && snaps.length < 4) snaps.push({ at: i, snap: Y.snapshot(c.doc) })
  }
  const mid = Y.encodeStateVector(clients[0].doc)
  const midOther = Y.encodeStateVector(clients[n - 1].doc)

  // ---- delivery: all updates, shuffled, some twice, some merged, now and then a whole stale state
  const all = []; clients.forEach((c, i) => c.log.forEach((u, q) => all.push({ i, q, u })))
  const mode = k.split ? 'in-order' : r.pick(['shuffled', 'shuffled', 'per-client-order', 'reverse'])
  let order = mode === 'in-order' ? all : mode === 'reverse' ? all.slice().reverse() : r.shuffle(all)
  if (mode === 'per-client-order') { const next = new Array(n).fill(0); order = order.map(x => all.find(y => y.i === x.i && y.q === next[x.i] && (next[x.i]++, true))) }
  const delivery = []
  for (let p = 0; p < order.length; p++) {
    if (k.split) { delivery.push(order[p].u); continue }
    if (r.bool(0.08) && p + 3 < order.length) { delivery.push(Y.mergeUpdates(order.slice(p, p + 3).map(x => x.u))); p += 2 } else delivery.push(order[p].u)
    if (r.bool(0.1)) delivery.push(order[r.int(0, p)].u) // duplicate
    if (r.bool(0.01)) delivery.push(Y.encodeStateAsUpdate(clients[order[p].i].doc)) // stale full state
  }

  const d = mkDoc(); d.clientID = 1 // the receiving replica never writes
  const emitted = []; let got = null; d.on('update', u => { got = u })
  const pendingAfter = []
  for (const u of delivery) { got = null; Y.applyUpdate(d, u, 'wire'); emitted.push(got ? b64(got) : null); pendingAfter.push(d.store.pendingStructs !== null || d.store.pendingDs !== null ? 1 : 0) }
  const d2 = mkDoc(); d2.clientID = 2; const deliveryV2 = delivery.map(u => Y.convertUpdateFormatV1ToV2(u)); const emittedV2 = []; d2.on('updateV2', u => { got = u }); deliveryV2.forEach(u => { got = null; Y.applyUpdateV2(d2, u, 'wire'); emittedV2.push(got ? b64(got) : null) })
  const d3 = mkDoc(); d3.clientID = 3; const merged = Y.mergeUpdates(delivery); Y.applyUpdate(d3, merged)
  if (view(d) !== view(d2)) throw new Error(`${kind}#${seed}: yjs itself diverged between v1 and v2 delivery`)
  // yjs removes redundant formatting marks after each remote transaction, so a rich text applied as one merged update may
  // end with another delete set (rarely even another look) than the same updates applied one by one. Both are recorded.
  const viaMergedDiffers = view(d) !== view(d3)

  const text = d.getText('text')
  for (let q = 0; q < 8; q++) { const index = r.int(0, text.length); const assoc = r.bool() ? 0 : -1; const rp = Y.createRelativePositionFromTypeIndex(text, index, assoc); const abs = Y.createAbsolutePositionFromRelativePosition(rp, d); positions.push({ index, assoc, encoded: b64(Y.encodeRelativePosition(rp)), json: Y.relativePositionToJSON(rp), resolved: abs && abs.index }) }

  const meta = Y.parseUpdateMeta(merged)
  const subdocs = [...d.getSubdocs()].map(s => ({ guid: s.guid, autoLoad: !!s.autoLoad, shouldLoad: s.shouldLoad, meta: tag(s.meta) })).sort((a, b) => a.guid < b.guid ? -1 : 1)
  const svFor = sv => ({ sv: b64(sv), v1: b64(Y.encodeStateAsUpdate(d, sv)), v2: b64(Y.encodeStateAsUpdateV2(d, sv)), diffUpdateOfMergedV1: b64(Y.diffUpdate(merged, sv)) })
  const mergedV2 = Y.mergeUpdatesV2(deliveryV2)
  return {
    format: 'coedit-corpus-1', name: `${kind}-${seed}`, kind, seed, gc, deliveryMode: mode, clients: clients.map(c => c.doc.clientID),
    roots: { text: 'Text', array: 'Array', map: 'Map', xml: 'XmlFragment' },
    updates: delivery.map(b64), updatesV2: deliveryV2.map(b64),
    expected: {
      view: JSON.parse(view(d)), text: text.toString(), delta: tag(text.toDelta()), array: tag(d.getArray('array').toJSON()), map: tag(d.getMap('map').toJSON()), xml: d.getXmlFragment('xml').toString(), subdocs,
      ...(viaMergedDiffers && { viewViaMerged: JSON.parse(view(d3)) }), emitted, pendingAfter,
      stateVector: b64(Y.encodeStateVector(d)), stateV1: b64(Y.encodeStateAsUpdate(d)), stateV2: b64(Y.encodeStateAsUpdateV2(d)),
      stateV1_viaV2Delivery: b64(Y.encodeStateAsUpdate(d2)), stateV2_viaV2Delivery: b64(Y.encodeStateAsUpdateV2(d2)), emittedV2, stateV1_viaMerged: b64(Y.encodeStateAsUpdate(d3)),
      diffs: [svFor(mid), svFor(midOther), svFor(Y.encodeStateVector(new Y.Doc())), svFor(Y.encodeStateVector(d))],
      mergedV1: b64(merged), mergedV2: b64(mergedV2), mergedV1toV2: b64(Y.convertUpdateFormatV1ToV2(merged)), stateVectorOfMerged: b64(Y.encodeStateVectorFromUpdate(merged)), stateVectorOfMergedV2: b64(Y.encodeStateVectorFromUpdateV2(mergedV2)),
      metaOfMerged: { from: Object.fromEntries([...meta.from].sort((a, b) => a[0] - b[0])), to: Object.fromEntries([...meta.to].sort((a, b) => a[0] - b[0])) },
      snapshot: b64(Y.encodeSnapshot(Y.snapshot(d))), snapshotV2: b64(Y.encodeSnapshotV2(Y.snapshot(d))),
      relativePositions: positions,
      snapshots: snaps.map(({ snap }) => { const o = Y.createDocFromSnapshot(d, snap, Object.assign(new Y.Doc({ gc: false, guid: 'snap' }), { clientID: 4 })); defineRoots(o); return { encoded: b64(Y.encodeSnapshot(snap)), encodedV2: b64(Y.encodeSnapshotV2(snap)), view: JSON.parse(view(o)), stateV1: b64(Y.encodeStateAsUpdate(o)), deltaAgainstNow: tag(text.toDelta(Y.snapshot(d), snap)), deltaAt: tag(text.toDelta(snap)) } })
    }
  }
}

let count = 0; let bytes = 0; let differing = 0
mkdirSync(out, { recursive: true })
let failures = 0
for (const kind of kinds) {
  for (const seed of seeds) {
    try {
      const s = scenario(kind, seed); const j = JSON.stringify(s)
      if (args.verify && JSON.stringify(scenario(kind, seed)) !== j) throw new Error('not deterministic')
      writeFileSync(join(out, s.name + '.json'), j); count++; bytes += j.length; if (s.expected.viewViaMerged) differing++
    } catch (e) { failures++; console.log(`FAIL ${kind}-${seed}: ${e.message}`); if (process.env.STACK) console.log(e.stack) }
  }
  console.log(`ok generated.${kind} (${seeds.length} seeds)`)
}
console.log(`# ${count} scenarios, ${(bytes / 1e6).toFixed(1)} MB in ${out}; ${differing} where yjs shows another result for one merged update`)
console.log(`passed ${count} failed ${failures}`)
process.exit(failures ? 1 : 0)
