// Comparing documents, and making updates without a connection.
import assert from 'node:assert/strict'
import * as Y from 'yjs'
import { until } from './until.mjs'

/** The roots that the tests use, by the type that opens them. */
const roots = {
  text: doc => doc.getText('text').toDelta(),
  map: doc => doc.getMap('map').toJSON(),
  array: doc => doc.getArray('array').toJSON(),
  xml: doc => doc.getXmlFragment('xml').toString()
}

/** Everything a user could see of a document. */
export const contentOf = doc => Object.fromEntries(Object.entries(roots).map(([name, read]) => [name, read(doc)]))

/** Same insertions and same deletions known (pending ones aside). */
const knowTheSame = (a, b) => Y.equalSnapshots(Y.snapshot(a), Y.snapshot(b))

export const assertSameDocument = (actual, expected, message) => {
  assert.deepEqual(contentOf(actual), contentOf(expected), message)
  assert.ok(knowTheSame(actual, expected), `${message ?? 'documents'}: state vectors or delete sets differ`)
}

/** A document made from the server's stored state. */
export const loadState = async (server, name) => {
  const doc = new Y.Doc()
  Y.applyUpdate(doc, await server.state(name))
  return doc
}

/** Waits until all docs know the same, then compares what they show. */
export const converge = async (docs, what = 'the clients to converge') => {
  await until(() => docs.every(doc => knowTheSame(doc, docs[0])), what, 30_000,
    () => docs.map(doc => JSON.stringify([...Y.decodeStateVector(Y.encodeStateVector(doc))])).join('\n'))
  for (const doc of docs) assertSameDocument(doc, docs[0])
}

/** As `converge`, and the server's stored state is the same document. */
export const convergeWithServer = async (server, name, docs) => {
  await converge(docs)
  const stored = await loadState(server, name)
  try {
    assertSameDocument(stored, docs[0], 'the server\'s state')
  } finally {
    stored.destroy()
  }
}

/**
 * The updates that `edits` produce, one per edit, by a document with a fixed client id.
 * @param {number} clientID
 * @param {...((doc: Y.Doc) => void)} edits
 */
export const updatesOf = (clientID, ...edits) => {
  const doc = new Y.Doc()
  doc.clientID = clientID
  const updates = []
  doc.on('update', update => updates.push(update))
  for (const edit of edits) doc.transact(() => edit(doc))
  doc.destroy()
  return updates
}

/** Does `vector` cover `other`? Both are maps of client to clock. */
export const covers = (vector, other) => [...other].every(([client, clock]) => (vector.get(client) ?? 0) >= clock)
