// Updates that no document would write, and what the doc-less functions of yjs make of them: every kind of struct and value, in forms that
// are legal but not canonical (numbers that are wider than needed, keys in another order, halves of surrogate pairs, odd JSON).
//   node updates.mjs --seeds 1-40 [--out corpus/updates] [--small]
// One JSON file per seed, with the fields that README.md lists. The same seed gives the same bytes on every machine.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as Y from 'yjs'
import * as encoding from 'lib0/encoding'
import { parseArgs, ROOT } from './lib/util.mjs'
import { prng } from './lib/prng.mjs'

const CLIENTS = [1, 5, 7, 300, 2 ** 31, 2 ** 40 + 3]
const TEXTS = ['a', 'bc', 'héllo', '日本', '😀', 'x😀y', '\ud83d', '\ude00', 'a\ud83d', '\ude00b', '"q"\\\n', '\u0001\u001f\u007f\u2028', '']
const KEYS = ['a', 'b', '0', '10', '2', '4294967294', '4294967295', '01', '__proto__', 'key', 'ключ', '']
const JSONS = [
  '1', '0', '-0', '1.0', '1e3', '1E400', '-1e400', '1e21', '123456789012345678901234567890', '1e-7', '0.000001', '5e-324', '2.9802322387695312e-8',
  '1.7976931348623157e308', '0.1', '100', '2147483648', '-2147483648', '-2147483647', '4.35', 'true', ' false ', 'null', '""', '"a"',
  '"\\u0041\\ud83d\\ude00\\ud83d"', '"\\ude00\\ud83d\\n\\/\\b"', '"é😀\\u2028\u2028"', '[]', ' [ 1 , [ ] , {} ]', '{}', '{"b":1,"a":2}',
  '{"2":1,"1":2,"b":3,"0":4}', '{"a":1,"a":2,"b":3}', '{"__proto__":1,"x":2}', '{"__proto__":{"y":1}}',
  '{"a":{"c":1,"b":[1,2,{"1":2,"0":1}]},"a":{"z":1}}', '{"\\u0061":1,"a":2}', '{"i":{"1":{"0":1}}}', '[0.1,1e100,123456.789e3,1e-10,-5.5e-5]',
  '{"k1":1,"k2":2,"k3":3,"k4":4,"k5":5,"k6":6,"k7":7,"k8":8,"k9":9,"k10":10}',
  '{"k1":1,"k2":2,"k3":3,"k4":4,"k5":5,"k6":6,"k7":7,"k8":8,"k9":9,"k1":10,"5":1}'
]
const INTEGERS = [0, -0, 1, -1, 63, 64, -64, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), 2 ** 40, Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER]
const FLOATS = [0.5, 1, -0, NaN, Infinity, -Infinity, 2 ** 31, 16777217, 1e-40]
const DOUBLES = [0.1, 1, -0, NaN, Infinity, 2 ** 53, 1e21, 1e300, 2 ** -25, 0.5]

// A lib0 value in whatever form a reader accepts.
function writeValue (r, e, depth = 0) {
  const tagged = (tag, write) => { encoding.write(e, tag); write?.() }
  const many = (n, write) => { encoding.writeVarUint(e, n); for (let i = 0; i < n; i++) write() }
  r.weighted([
    [1, () => tagged(127)], [1, () => tagged(126)], [1, () => tagged(121)], [1, () => tagged(120)],
    [1, () => tagged(125, () => encoding.writeVarInt(e, r.pick(INTEGERS)))],
    [1, () => tagged(124, () => encoding.writeFloat32(e, r.pick(FLOATS)))],
    [1, () => tagged(123, () => encoding.writeFloat64(e, r.pick(DOUBLES)))],
    [0.2, () => tagged(122, () => encoding.writeBigInt64(e, BigInt(r.int(-1000, 1000)) * 1234567890123n))],
    [3, () => tagged(119, () => encoding.writeVarString(e, r.pick(TEXTS)))],
    [1, () => tagged(116, () => encoding.writeVarUint8Array(e, bytes(r)))],
    [depth < 3 ? 2 : 0, () => tagged(117, () => many(r.int(0, 4), () => writeValue(r, e, depth + 1)))],
    [depth < 3 ? 2 : 0, () => tagged(118, () => many(r.pick([0, 1, 2, 3, 4, 11]), () => {
      const key = r.pick(KEYS)
      encoding.writeVarString(e, key)
      // As a prototype, null or an object would change what later keys do.
      if (key === '__proto__') encoding.write(e, 120); else writeValue(r, e, depth + 1)
    }))]
  ])()
}
const encoded = write => { const e = encoding.createEncoder(); write(e); return encoding.toUint8Array(e) }
const bytes = r => Uint8Array.from({ length: r.int(0, 5) }, () => r.int(0, 255))
const id = r => [r.pick(CLIENTS), r.int(0, 20)]
const some = (r, p) => CLIENTS.filter(() => r.bool(p)).sort((a, b) => b - a)

function randomStruct (r, first) {
  const kind = r.weighted([[3, 0], [3, 1], [1, 2], [1, 3], [6, 4], [2, 5], [3, 6], [2, 7], [3, 8], [1, 9], [first ? 0 : 2, 10]])
  const s = { kind, length: 1, strayFlag: r.bool(0.2) }
  if (kind !== 0 && kind !== 10) {
    s.origin = r.bool() ? id(r) : null
    s.right = r.bool(0.3) ? id(r) : null
    s.parent = r.bool(0.7) ? r.pick(['t', 'root', '日😀', '']) : id(r)
    s.sub = r.bool(0.3) ? r.pick(['k', '', 'key', 'ключ\ud83d']) : null
  }
  if (kind === 0 || kind === 1 || kind === 10) s.length = r.int(1, 5)
  if (kind === 2) s.elements = Array.from({ length: s.length = r.int(1, 4) }, () => r.bool(0.2) ? 'undefined' : r.pick(JSONS))
  if (kind === 3) s.bytes = bytes(r)
  if (kind === 4) { s.text = Array.from({ length: r.int(1, 4) }, () => r.pick(TEXTS)).join('') || 'z'; s.length = s.text.length }
  if (kind === 5 || kind === 6) { s.key = r.pick(['bold', 'em', '日', '']); s.json = r.pick(JSONS); s.value = encoded(e => writeValue(r, e)) }
  if (kind === 7) { s.typeRef = r.int(0, 6); s.name = r.pick(['p', 'div', '日', '']) }
  if (kind === 8) s.values = Array.from({ length: s.length = r.int(1, 4) }, () => encoded(e => writeValue(r, e)))
  if (kind === 9) {
    s.guid = r.pick(['g', 'guid-1', 'é'])
    s.options = encoded(e => {
      const n = r.int(0, 3)
      encoding.write(e, 118)
      encoding.writeVarUint(e, n)
      for (let i = 0; i < n; i++) { encoding.writeVarString(e, r.pick(['gc', 'autoLoad', 'meta', 'shouldLoad', 'x'])); writeValue(r, e, 2) }
    })
  }
  return s
}
function randomUpdate (r) {
  const clients = some(r, 0.5)
  const sections = (clients.length ? clients : [5]).map(client => ({
    client, start: r.bool(0.4) ? 0 : r.int(0, 12), structs: Array.from({ length: r.int(1, 6) }, (_, i) => randomStruct(r, i === 0))
  }))
  const deletes = some(r, 0.4).map(client => {
    let clock = 0
    return { client, ranges: Array.from({ length: r.int(1, 4) }, () => { clock += r.int(0, 4); const length = r.int(1, 4); clock += length; return [clock - length, length] }) }
  })
  return { sections, deletes }
}
function writeUpdate ({ sections, deletes }, v2) {
  const e = v2 ? new Y.UpdateEncoderV2() : new Y.UpdateEncoderV1()
  const rest = value => encoding.writeVarUint(e.restEncoder, value)
  rest(sections.length)
  for (const { client, start, structs } of sections) {
    rest(structs.length); e.writeClient(client); rest(start)
    for (const s of structs) writeStruct(e, s, v2)
  }
  rest(deletes.length)
  for (const { client, ranges } of deletes) {
    e.resetDsCurVal(); rest(client); rest(ranges.length)
    for (const [clock, length] of ranges) { e.writeDsClock(clock); e.writeDsLen(length) }
  }
  return e.toUint8Array()
}
function writeStruct (e, s, v2) {
  if (s.kind === 10) { e.writeInfo(10); encoding.writeVarUint(e.restEncoder, s.length); return }
  if (s.kind === 0) { e.writeInfo(0); e.writeLen(s.length); return }
  const hasNeighbour = s.origin !== null || s.right !== null
  e.writeInfo(s.kind | (s.origin ? 128 : 0) | (s.right ? 64 : 0) | ((hasNeighbour ? s.strayFlag : s.sub !== null) ? 32 : 0))
  if (s.origin) e.writeLeftID(Y.createID(...s.origin))
  if (s.right) e.writeRightID(Y.createID(...s.right))
  if (!hasNeighbour) {
    e.writeParentInfo(typeof s.parent === 'string')
    if (typeof s.parent === 'string') e.writeString(s.parent); else e.writeLeftID(Y.createID(...s.parent))
    if (s.sub !== null) e.writeString(s.sub)
  }
  const value = () => v2 ? encoding.writeUint8Array(e.restEncoder, s.value) : e.writeString(s.json)
  switch (s.kind) {
    case 1: e.writeLen(s.length); break
    case 2: e.writeLen(s.length); s.elements.forEach(x => e.writeString(x)); break
    case 3: e.writeBuf(s.bytes); break
    case 4: e.writeString(s.text); break
    case 5: value(); break
    case 6: e.writeKey(s.key); value(); break
    case 7: e.writeTypeRef(s.typeRef); if (s.typeRef === 3 || s.typeRef === 5) e.writeKey(s.name); break
    case 8: e.writeLen(s.length); s.values.forEach(x => encoding.writeUint8Array(e.restEncoder, x)); break
    case 9: e.writeString(s.guid); encoding.writeUint8Array(e.restEncoder, s.options); break
  }
}

const b64 = u => Buffer.from(u).toString('base64')
const attempt = f => { try { return b64(f()) } catch { return null } } // null: yjs itself throws
const plain = map => Object.fromEntries([...map].sort((a, b) => a[0] - b[0]))

function scenario (seed, small) {
  const r = prng(`updates#${seed}`)
  const made = Array.from({ length: small ? 2 : r.int(2, r.pick([2, 3, 6, 12])) }, () => randomUpdate(r))
  const v1 = made.map(u => writeUpdate(u, false))
  const v2 = made.map(u => writeUpdate(u, true))
  const known = CLIENTS.filter(() => r.bool(0.6))
  const stateVector = encoded(e => { encoding.writeVarUint(e, known.length); known.forEach(c => { encoding.writeVarUint(e, c); encoding.writeVarUint(e, r.int(0, 20)) }) })
  const options = { formatting: r.bool(0.7), subdocs: r.bool(0.7), yxml: r.bool(0.7) }
  const merged = Y.mergeUpdates(v1)
  const mergedV2 = Y.mergeUpdatesV2(v2)
  const facts = (a, b) => {
    const meta = Y.parseUpdateMeta(a)
    return {
      v1: b64(a), v2: b64(b), v1ToV2: attempt(() => Y.convertUpdateFormatV1ToV2(a)), v2ToV1: attempt(() => Y.convertUpdateFormatV2ToV1(b)),
      diff: attempt(() => Y.diffUpdate(a, stateVector)), diffV2: attempt(() => Y.diffUpdateV2(b, stateVector)),
      obfuscated: attempt(() => Y.obfuscateUpdate(a, options)), obfuscatedV2: attempt(() => Y.obfuscateUpdateV2(b, options)),
      stateVector: b64(Y.encodeStateVectorFromUpdate(a)), stateVectorV2: b64(Y.encodeStateVectorFromUpdateV2(b)),
      from: plain(meta.from), to: plain(meta.to)
    }
  }
  return {
    format: 'coedit-updates-1', name: `updates-${seed}`, stateVector: b64(stateVector), options,
    updates: v1.map((u, i) => facts(u, v2[i])), merged: facts(merged, mergedV2)
  }
}

const args = parseArgs()
const out = args.out || join(ROOT, 'corpus', 'updates')
const seeds = String(args.seeds ?? '1-20').split(',').flatMap(part => {
  const m = /^(\d+)-(\d+)$/.exec(part)
  return m ? Array.from({ length: m[2] - m[1] + 1 }, (_, i) => String(+m[1] + i)) : [part]
})
mkdirSync(out, { recursive: true })
for (const seed of seeds) { const s = scenario(seed, !!args.small); writeFileSync(join(out, s.name + '.json'), JSON.stringify(s)) }
console.log(`# ${seeds.length} scenarios in ${out}`)
