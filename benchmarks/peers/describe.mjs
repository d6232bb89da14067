#!/usr/bin/env node
// Loads encoded documents into Yjs and says what they contain: node describe.mjs STATE.bin ...
// Prints {"by": "yjs 13.6.33", "documents": [{textSha256, textLength, snapshotSha256, pending}, ...]}, in the order of the files.
import { readFileSync } from 'node:fs'
import * as Y from 'yjs'
import { describe } from './lib/replay.mjs'

const { version } = JSON.parse(readFileSync(new URL('node_modules/yjs/package.json', import.meta.url)))
const documents = process.argv.slice(2).map(file => {
  const doc = new Y.Doc()
  Y.applyUpdate(doc, new Uint8Array(readFileSync(file)))
  return describe(doc)
})
console.log(JSON.stringify({ by: 'yjs ' + version, documents }))
