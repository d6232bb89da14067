// The judge of tests/CoEdit.Conformance: loads update bytes into real Yjs and tells what it shows.
//   stdin:  one JSON line per question {id, gc, updates: [base64 …], upTo?: base64 state vector, from?: [base64 state vector …]}
//   stdout: one JSON line per answer   {id, view, stateVector, snapshot, pending} or {id, error}
// With upTo, "updates[0]" is a whole document of which only the structs below that state vector are taken as a start.
// With from, "updates" is one whole document that is loaded in parts: for each state vector what Yjs' diffUpdate leaves of it.
import { createInterface } from 'node:readline'
import * as Y from 'yjs'
import { defineRoots, view } from './lib/compare.mjs'

const bytes = text => Buffer.from(text, 'base64')

// The document as it was at a state vector, without any deletion: what a replica that far behind may hold.
function beginning (whole, stateVector) {
  const origin = new Y.Doc({ gc: false })
  Y.applyUpdate(origin, whole)
  const known = Y.decodeStateVector(stateVector)
  for (const [client, clock] of known) known.set(client, Math.min(clock, Y.getState(origin.store, client)))
  return Y.encodeStateAsUpdate(Y.createDocFromSnapshot(origin, new Y.Snapshot(Y.createDeleteSet(), known), new Y.Doc({ gc: false })))
}

function answer ({ gc, updates, upTo, from }) {
  const doc = new Y.Doc({ gc, guid: 'corpus' })
  doc.clientID = 1
  defineRoots(doc)
  if (from) for (const stateVector of from) Y.applyUpdate(doc, Y.diffUpdate(bytes(updates[0]), bytes(stateVector)))
  else updates.forEach((update, i) => Y.applyUpdate(doc, i === 0 && upTo ? beginning(bytes(update), bytes(upTo)) : bytes(update)))
  return {
    view: view(doc),
    stateVector: Buffer.from(Y.encodeStateVector(doc)).toString('base64'),
    snapshot: Buffer.from(Y.encodeSnapshot(Y.snapshot(doc))).toString('base64'),
    pending: doc.store.pendingStructs !== null || doc.store.pendingDs !== null
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const question = JSON.parse(line)
  let reply
  try { reply = answer(question) } catch (error) { reply = { error: String(error && error.message) } }
  process.stdout.write(JSON.stringify({ id: question.id, ...reply }) + '\n')
}
