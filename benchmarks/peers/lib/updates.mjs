// The updates of a sequential trace, as Yjs makes them while the trace is typed: client id 1, root `text`, one transaction per trace
// transaction.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import * as Y from 'yjs'
import { frameUpdates, readTrace, sha256 } from './data.mjs'

/** The file that holds them, in the given folder. Made once for every content of the trace. */
export function updatesOf (traceFile, folder) {
  const key = sha256(readFileSync(traceFile)).slice(0, 16)
  const file = join(folder, `${basename(traceFile, '.json.gz')}.${key}.v1.bin`)
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true })
    // Whoever finds the file finds all of it, also if this process dies now.
    const unfinished = `${file}.${process.pid}`
    writeFileSync(unfinished, frameUpdates(type(traceFile)))
    renameSync(unfinished, file)
  }
  return file
}

function type (traceFile) {
  const { txns, endContent } = readTrace(traceFile)
  const updates = []
  const doc = new Y.Doc()
  doc.clientID = 1
  doc.on('update', update => updates.push(update))
  const text = doc.getText('text')
  for (const patches of txns) {
    doc.transact(() => {
      for (let i = 0; i < patches.length; i += 3) {
        const [position, deleted, inserted] = patches.slice(i, i + 3)
        if (deleted > 0) text.delete(position, deleted)
        if (inserted !== '') text.insert(position, inserted)
      }
    })
  }
  if (text.toString() !== endContent) throw new Error(`typing ${traceFile} did not give the text that the trace promises`)
  return updates
}
