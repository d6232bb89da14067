// X-*: what Yjs does with updates when there is no document, and what happens when updates arrive in the worst order. Both use the updates
// that the library makes while automerge-paper is typed.
import { collectGarbage, repeatCall, repeatLong, timed } from './measure.mjs'
import { runTransaction } from './sessions.mjs'

const counts = [500, 1000, 2000, 4000, 8000, 16000]
const tooLong = 10_000 // milliseconds; after that larger inputs are left out
const repeatable = 1_000

function type (library, txns, count = txns.length) {
  const updates = []
  const author = library.create(1, update => updates.push(update))
  for (let i = 0; i < count; i++) runTransaction(author, txns[i])
  return { author, updates }
}

/** X-reverse: the first k updates, newest first. Every one but the last waits for its predecessor. */
export function reverse (library, { txns }, plan) {
  const { updates } = type(library, txns, counts.at(-1))
  const m = {}
  let bytes
  for (const k of counts.slice(0, plan.inputs)) {
    const deliver = () => {
      const replica = library.create(3, null)
      for (let i = k - 1; i >= 0; i--) replica.apply(updates[i])
      return replica
    }
    collectGarbage()
    const [ms, reversed] = timed(deliver)
    m[`reverse${k}Ms`] = ms
    const straight = library.create(2, null)
    for (let i = 0; i < k; i++) straight.apply(updates[i])
    if (reversed.getText() !== straight.getText()) throw new Error(`wrong result: ${k} updates in reverse give another text`)
    bytes = reversed.encode()
    if (ms > tooLong) break
    if (ms < repeatable) [m[`reverse${k}WarmMs`], m[`reverse${k}SteadyMs`]] = repeatLong(plan, deliver)
  }
  return [m, bytes]
}

/** X-yjs: merging, comparing and converting updates without a document. */
export async function updateFunctions (library, { txns }, plan) {
  if (library.package !== 'yjs') throw new Error('X-yjs is for Yjs only')
  const Y = await import('yjs')
  const v1 = library.encoding === 'v1'
  const merge = v1 ? Y.mergeUpdates : Y.mergeUpdatesV2
  const { updates, author } = type(library, txns)
  const whole = author.encode()
  const half = type(library, txns, txns.length >> 1).author
  const vector = Y.encodeStateVector(half.doc)
  const m = {}
  for (const k of counts.slice(0, plan.inputs)) {
    const first = updates.slice(0, k)
    collectGarbage()
    const [ms, merged] = timed(() => merge(first))
    m[`mergeUpdates${k}Ms`] = ms
    m[`mergeUpdates${k}Bytes`] = merged.length
    if (ms > tooLong) break
    if (ms < repeatable) [m[`mergeUpdates${k}WarmMs`], m[`mergeUpdates${k}SteadyMs`]] = repeatLong(plan, () => merge(first))
  }
  const calls = {
    diffUpdate: () => v1 ? Y.diffUpdate(whole, vector) : Y.diffUpdateV2(whole, vector),
    encodeDiffFromDoc: () => v1 ? Y.encodeStateAsUpdate(author.doc, vector) : Y.encodeStateAsUpdateV2(author.doc, vector),
    stateVectorFromUpdate: () => v1 ? Y.encodeStateVectorFromUpdate(whole) : Y.encodeStateVectorFromUpdateV2(whole),
    convert: () => v1 ? Y.convertUpdateFormatV1ToV2(whole) : Y.convertUpdateFormatV2ToV1(whole)
  }
  for (const [name, call] of Object.entries(calls)) {
    const [ms, result] = timed(call)
    m[`${name}Ms`] = ms
    m[`${name}Bytes`] = result.length
    ;[m[`${name}WarmMs`], m[`${name}SteadyMs`]] = repeatCall(plan, call)
  }
  return [m, whole]
}
