// The counterpart of `CoEdit.Bench --engine store`: applies a recorded sequence of updates to Yjs, one applyUpdate each.
import * as Y from 'yjs'
import { expectedText, readUpdateFile, sha256, splitUpdates } from './data.mjs'
import { collectGarbage, repeatPass, repeatCall, round, schedule, timed } from './measure.mjs'

const newDoc = () => {
  const doc = new Y.Doc()
  doc.getText('text')
  return doc
}

const load = state => {
  const doc = newDoc()
  Y.applyUpdate(doc, state)
  return doc
}

/** What a document says, in hashes: its text, and its state vector together with its deletions. */
export function describe (doc) {
  const text = doc.getText('text').toString()
  return {
    textSha256: sha256(text),
    textLength: text.length,
    snapshotSha256: sha256(Y.encodeSnapshot(Y.snapshot(doc))),
    pending: doc.store.pendingStructs !== null || doc.store.pendingDs !== null
  }
}

/** [metrics, the document's state as one update] */
export function replay (id, { updatesFile, quick }) {
  const plan = schedule(quick)
  const framed = readUpdateFile(id, updatesFile)
  const updates = splitUpdates(framed)
  const m = { inputSha256: sha256(framed), updates: updates.length, updateBytes: 0 }
  for (const update of updates) m.updateBytes += update.length
  m.avgUpdateSize = round(m.updateBytes / updates.length)

  const pass = () => {
    const doc = newDoc()
    for (const update of updates) Y.applyUpdate(doc, update)
    return doc
  }

  // 1. Cold: what the first document of a fresh process costs.
  collectGarbage()
  const [remoteColdMs, doc] = timed(pass)
  m.remoteColdMs = round(remoteColdMs)
  collectGarbage()
  const [encodeMs, state] = timed(() => Y.encodeStateAsUpdate(doc))
  m.encodeMs = round(encodeMs)
  m.docBytes = state.length
  m.docSha256 = sha256(state)
  collectGarbage()
  const [loadMs, loaded] = timed(() => load(state))
  m.loadMs = round(loadMs)

  // 2. The result, before it is measured any further.
  const expected = expectedText(id)
  for (const [what, found] of [['replayed', describe(doc)], ['loaded', describe(loaded)]]) {
    if (found.pending) throw new Error(`the ${what} document of ${id} waits for updates`)
    if (found.textSha256 !== expected.textSha256) throw new Error(`the text of the ${what} document of ${id} is wrong`)
    Object.assign(m, found)
  }
  delete m.pending

  // 3. Warm and steady.
  ;[m.remoteWarmMs, m.remoteMs] = repeatPass(plan, pass)
  ;[m.encodeWarmMs, m.encodeSteadyMs] = repeatCall(plan, () => Y.encodeStateAsUpdate(doc))
  ;[m.loadWarmMs, m.loadSteadyMs] = repeatCall(plan, () => load(state))
  return [m, state]
}
