#!/usr/bin/env node
// Types a sequential trace into Yjs and prints the name of the file that holds the update of every transaction, each preceded by its
// length as a varuint:   node make-updates.mjs TRACE.json.gz FOLDER
import { updatesOf } from './lib/updates.mjs'

const [traceFile, folder] = process.argv.slice(2)
if (folder) {
  console.log(updatesOf(traceFile, folder))
} else {
  console.error('usage: node make-updates.mjs TRACE.json.gz FOLDER')
  process.exitCode = 2
}
