// The part of the page about the update store, compared with Yjs applying the same recorded updates. `results` has `store` and `yjs`.
import { digits, expectationTable, table, verdict, whole } from './format.mjs'

const compared = [
  ['apply cold', 'remoteColdMs'], ['apply warm', 'remoteWarmMs'], ['apply steady', 'remoteMs'],
  ['load cold', 'loadMs'], ['load warm', 'loadWarmMs'], ['load steady', 'loadSteadyMs'],
  ['encode cold', 'encodeMs'], ['encode warm', 'encodeWarmMs'], ['encode steady', 'encodeSteadyMs'],
  ['memory', 'memUsed']
]

const ratio = ({ store, yjs }, key, pick) => yjs[pick][key] / store[pick][key]

// What was promised before it was measured. Times are compared best with best: another program on the machine only ever adds.
export function storeExpectations (results) {
  const rows = []
  const add = (text, value, met) => rows.push([text, value, verdict(met)])
  const paper = results.get('B4')
  if (paper) {
    const apply = ratio(paper, 'remoteMs', 'best')
    add('apply per update, automerge-paper, steady: ≥ 60 × Yjs', `${digits(apply)} ×`, apply >= 60)
    const load = ratio(paper, 'loadWarmMs', 'best')
    add('load of the whole document, automerge-paper, warm: ≥ 15 × Yjs', `${digits(load)} ×`, load >= 15)
    const steady = ratio(paper, 'loadSteadyMs', 'best')
    add('the same, steady: ≥ 15 × Yjs', `${digits(steady)} ×`, steady >= 15)
    const { encodeSteadyMs, copySteadyMs, docBytes, allocatedBytes, storedBytes } = paper.store.best
    const copies = encodeSteadyMs / copySteadyMs
    const copied = `${digits(copies)} × (${whole(docBytes)} bytes)`
    add('encode of the full state is a copy: ≤ 4 × a plain copy of the same bytes', copied, copies <= 4)
    const allocated = allocatedBytes / storedBytes
    add('bytes allocated in the replay of automerge-paper: ≤ 3 × the bytes stored', digits(allocated), allocated <= 3)
  }
  const worst = (text, of, limit, show) => {
    const [id, value] = [...results].map(([id, { store }]) => [id, of(store.median)]).sort((a, b) => b[1] - a[1])[0]
    add(text, `${show(value)} at worst (${id})`, value <= limit)
  }
  worst('the same in every replay: ≤ 3 × the bytes stored', m => m.allocatedBytes / m.storedBytes, 3, digits)
  worst('retained after a load: ≤ 1.05 × the encoded document + 4 KiB', m => (m.memUsed - 4096) / m.docBytes, 1.05, digits)
  const percent = x => `${digits(100 * x)} %`
  worst('updates whose apply allocates anything (growth of buffers): ≤ 1 %', m => m.allocatingUpdates / m.updates, 0.01, percent)
  return expectationTable(rows)
}

// Columns of the tables about the store alone or both: [title, text of a cell from the medians of CoEdit and of Yjs].
const memoryColumns = [
  ['updates', c => whole(c.updates)],
  ['bytes of the updates', c => whole(c.updateBytes)],
  ['document of the store', c => whole(c.docBytes)],
  ['document of Yjs', (c, y) => whole(y.docBytes)],
  ['store retained', c => whole(c.memUsed)],
  ['Yjs retained', (c, y) => whole(y.memUsed)],
  ['allocated by the replay', c => whole(c.allocatedBytes)],
  ['÷ stored', c => digits(c.allocatedBytes / c.storedBytes)],
  ['updates that allocate', c => whole(c.allocatingUpdates)],
  ['peak RSS store', c => whole(c.maxRss)],
  ['peak RSS Yjs', (c, y) => whole(y.maxRss)]
]
const compactionColumns = [
  ['compact cold ms', c => digits(c.compactMs)],
  ['steady ms', c => digits(c.compactSteadyMs)],
  ['bytes before', c => whole(c.compactBytesBefore)],
  ['after', c => whole(c.compactBytesAfter)],
  ['structs before', c => whole(c.compactStructsBefore)],
  ['after', c => whole(c.compactStructsAfter)],
  ['known update ns', c => whole(c.knownSteadyMs / c.updates * 1e6)],
  ['allocated by all known updates', c => whole(c.knownAllocatedBytes)]
]

function columnTable (results, columns) {
  const rows = [...results].map(([id, { store, yjs }]) => [id, ...columns.map(([, cell]) => cell(store.median, yjs.median))])
  return table(['', ...columns.map(([title]) => title)], rows)
}

function ratioTable (results) {
  const cell = (r, key) => `${digits(ratio(r, key, 'median'))} (${digits(ratio(r, key, 'best'))})`
  return table(['', ...compared.map(([title]) => title)], [...results].map(([id, r]) => [id, ...compared.map(([, key]) => cell(r, key))]))
}

function timeTable (results) {
  const times = compared.filter(([, key]) => key.endsWith('Ms'))
  const line = (id, name, m) => [id, name, ...times.map(([, key]) => digits(m[key])), whole(m.remoteMs / m.updates * 1e6)]
  const rows = [...results].flatMap(([id, { store, yjs }]) => [line(id, 'store', store.median), line(id, 'Yjs', yjs.median)])
  return table(['', '', ...times.map(([title]) => title), 'ns per update'], rows, 2)
}

export function storeSection (results) {
  return `## The update store: how many times faster or smaller than Yjs

Ratio of the medians of all rounds, in brackets the ratio of the bests.

${ratioTable(results)}

## The update store: times

Milliseconds, medians of all rounds; the last column is apply, steady, for one update.

${timeTable(results)}

## The update store: memory and allocation

Bytes. *Retained*: one loaded document after a full collection.

${columnTable(results, memoryColumns)}

## The update store: compaction and known updates

Compaction of the replayed store, and a second delivery of all updates (nothing in them is new any more).

${columnTable(results, compactionColumns)}
`
}
