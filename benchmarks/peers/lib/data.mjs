// The ids of the benchmarks and the bytes behind them. Recordings come from COEDIT_TRACES, by default ../traces.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { makeRandom, makeWorkload, randomId, workloadIds } from './workloads.mjs'

const tracesDir = process.env.COEDIT_TRACES || fileURLToPath(new URL('../../traces', import.meta.url))

const sequential = ['sveltecomponent', 'clownschool_flat', 'friendsforever_flat', 'json-crdt-patch', 'json-crdt-blog-post']
const concurrent = ['friendsforever', 'clownschool', 'node_nodecc']

/** B4: automerge-paper, T-*: the other sequential traces, C-*: the concurrent ones. */
export const recordedIds = ['B4', ...sequential.map(name => 'T-' + name), ...concurrent.map(name => 'C-' + name)]

/** X-yjs: functions on updates without a document; X-reverse: newest update first. Both use the updates of automerge-paper. */
export const extraIds = ['X-yjs', 'X-reverse']

export const allIds = [...workloadIds, ...recordedIds, randomId, ...extraIds]

export const isConcurrent = id => id.startsWith('C-')
const traceName = id => id === 'B4' || id.startsWith('X-') ? 'automerge-paper' : id.slice(2)

/** Exactly what inputSha256 is the hash of: the operations as JSON, or the file of recorded updates. */
export function dumpInput (id) {
  if (workloadIds.includes(id)) return JSON.stringify(makeWorkload(id))
  if (id === randomId) return JSON.stringify(makeRandom())
  if (isConcurrent(id)) return readUpdateFile(id)
  return JSON.stringify({ kind: 'T', txns: readTrace(traceFileOf(id)).txns })
}

export const sha256 = bytes => createHash('sha256').update(bytes).digest('hex')

/** {txns: [[position, deleted, inserted, position, ...], ...], endContent} of a sequential trace file. */
export function readTrace (file) {
  const { txns, endContent } = JSON.parse(gunzipSync(readFileSync(file)))
  return { txns: txns.map(t => t.patches.flat()), endContent }
}

export const traceFileOf = id => join(tracesDir, traceName(id) + '.json.gz')

/** What the document's text must be after the replay: its hash and its length in UTF-16 units. */
export function expectedText (id) {
  if (isConcurrent(id)) {
    const { textSha256, textLength } = JSON.parse(readFileSync(join(tracesDir, 'merge', traceName(id) + '.meta.json')))
    return { textSha256, textLength }
  }
  const { endContent } = readTrace(traceFileOf(id))
  return { textSha256: sha256(endContent), textLength: endContent.length }
}

/** The framed updates of a benchmark: from the given file, or those recorded in traces/merge. */
export function readUpdateFile (id, file, encoding = 'v1') {
  if (file) return readFileSync(file)
  if (!isConcurrent(id)) throw new Error(`${id} needs --updates FILE (CoEdit.Bench or make-updates.mjs makes it)`)
  const recorded = join(tracesDir, 'merge', `${traceName(id)}.updates.${encoding}.bin.gz`)
  if (!existsSync(recorded)) throw new Error(`no file ${recorded}`)
  return gunzipSync(readFileSync(recorded))
}

/** Takes `u(length) update u(length) update ...` apart; every update becomes an array of its own. */
export function splitUpdates (framed) {
  const updates = []
  for (let at = 0; at < framed.length;) {
    let length = 0
    let shift = 0
    let byte
    do {
      byte = framed[at++]
      length += (byte & 127) * 2 ** shift
      shift += 7
    } while (byte >= 128)
    if (!(at + length <= framed.length)) throw new Error('the file of updates ends in the middle of one')
    updates.push(new Uint8Array(framed.subarray(at, at + length)))
    at += length
  }
  return updates
}

/** The reverse of splitUpdates. */
export function frameUpdates (updates) {
  const parts = []
  for (const update of updates) {
    const prefix = []
    let length = update.length
    for (; length > 127; length = Math.floor(length / 128)) prefix.push(length & 127 | 128)
    parts.push(new Uint8Array([...prefix, length]), update)
  }
  return Buffer.concat(parts)
}
