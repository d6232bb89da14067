// From the runs to the page of results.
import { cpus, loadavg, totalmem } from 'node:os'
import { median } from './measure.mjs'

const best = values => Math.min(...values)

/** Per id and program: the median and the best of every metric that is a number. */
export function summary (runs) {
  const results = new Map()
  for (const { id } of runs) {
    if (results.has(id)) continue
    const ofId = runs.filter(run => run.id === id)
    const of = name => {
      const result = { ...ofId[0][name], median: {}, best: {} }
      for (const [key, value] of Object.entries(ofId[0][name].metrics)) {
        if (typeof value !== 'number') continue
        const values = ofId.map(run => run[name].metrics[key])
        result.median[key] = median(values)
        result.best[key] = best(values)
      }
      return result
    }
    results.set(id, { coedit: of('coedit'), yjs: of('yjs') })
  }
  return results
}

const compared = [
  ['apply cold', 'remoteColdMs'], ['apply warm', 'remoteWarmMs'], ['apply steady', 'remoteMs'],
  ['load cold', 'loadMs'], ['load warm', 'loadWarmMs'], ['load steady', 'loadSteadyMs'],
  ['encode cold', 'encodeMs'], ['encode warm', 'encodeWarmMs'], ['encode steady', 'encodeSteadyMs'],
  ['memory', 'memUsed']
]

const digits = x => Math.abs(x) >= 100 ? x.toFixed(0) : Math.abs(x) >= 10 ? x.toFixed(1) : Math.abs(x) >= 1 ? x.toFixed(2) : x.toFixed(3)
const whole = x => Math.round(x).toLocaleString('en-US')
const row = cells => `| ${cells.join(' | ')} |`
const table = (head, rows, left = 1) => [row(head), `|${head.map((_, i) => i < left ? ' :- ' : ' -: ').join('|')}|`, ...rows.map(row)].join('\n')
const ratio = ({ coedit, yjs }, key, pick) => yjs[pick][key] / coedit[pick][key]

// What was promised before it was measured. Times are compared best with best: another program on the machine only ever adds.
function expectations (results) {
  const rows = []
  const add = (text, value, met) => rows.push([text, value, met ? 'met' : '**not met**'])
  const paper = results.get('B4')
  if (paper) {
    const apply = ratio(paper, 'remoteMs', 'best')
    add('apply per update, automerge-paper, steady: ≥ 60 × Yjs', `${digits(apply)} ×`, apply >= 60)
    const load = ratio(paper, 'loadWarmMs', 'best')
    add('load of the whole document, automerge-paper, warm: ≥ 15 × Yjs', `${digits(load)} ×`, load >= 15)
    const steady = ratio(paper, 'loadSteadyMs', 'best')
    add('the same, steady: ≥ 15 × Yjs', `${digits(steady)} ×`, steady >= 15)
    const { encodeSteadyMs, copySteadyMs, docBytes, allocatedBytes, storedBytes } = paper.coedit.best
    const copies = encodeSteadyMs / copySteadyMs
    add('encode of the full state is a copy: ≤ 4 × a plain copy of the same bytes', `${digits(copies)} × (${whole(docBytes)} bytes)`, copies <= 4)
    add('bytes allocated in the replay of automerge-paper: ≤ 3 × the bytes stored', digits(allocatedBytes / storedBytes), allocatedBytes <= 3 * storedBytes)
  }
  const worst = (text, of, limit, show) => {
    const [id, value] = [...results].map(([id, { coedit }]) => [id, of(coedit.median)]).sort((a, b) => b[1] - a[1])[0]
    add(text, `${show(value)} at worst (${id})`, value <= limit)
  }
  worst('the same in every replay: ≤ 3 × the bytes stored', m => m.allocatedBytes / m.storedBytes, 3, digits)
  worst('retained after a load: ≤ 1.05 × the encoded document + 4 KiB', m => (m.memUsed - 4096) / m.docBytes, 1.05, digits)
  worst('updates whose apply allocates anything (growth of buffers): ≤ 1 %', m => m.allocatingUpdates / m.updates, 0.01, x => `${digits(100 * x)} %`)
  return table(['expectation', 'measured', ''], rows, 3)
}

// Columns of the tables about CoEdit alone or both: [title, text of a cell from the medians of CoEdit and of Yjs].
const memoryColumns = [
  ['updates', c => whole(c.updates)],
  ['bytes of the updates', c => whole(c.updateBytes)],
  ['CoEdit document', c => whole(c.docBytes)],
  ['Yjs document', (c, y) => whole(y.docBytes)],
  ['CoEdit retained', c => whole(c.memUsed)],
  ['Yjs retained', (c, y) => whole(y.memUsed)],
  ['allocated by the replay', c => whole(c.allocatedBytes)],
  ['÷ stored', c => digits(c.allocatedBytes / c.storedBytes)],
  ['updates that allocate', c => whole(c.allocatingUpdates)],
  ['peak RSS CoEdit', c => whole(c.maxRss)],
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
  const rows = [...results].map(([id, { coedit, yjs }]) => [id, ...columns.map(([, cell]) => cell(coedit.median, yjs.median))])
  return table(['', ...columns.map(([title]) => title)], rows)
}

function ratioTable (results) {
  const cell = (r, key) => `${digits(ratio(r, key, 'median'))} (${digits(ratio(r, key, 'best'))})`
  return table(['', ...compared.map(([title]) => title)], [...results].map(([id, r]) => [id, ...compared.map(([, key]) => cell(r, key))]))
}

function timeTable (results) {
  const times = compared.filter(([, key]) => key.endsWith('Ms'))
  const line = (id, name, m) => [id, name, ...times.map(([, key]) => digits(m[key])), whole(m.remoteMs / m.updates * 1e6)]
  const rows = [...results].flatMap(([id, { coedit, yjs }]) => [line(id, 'CoEdit', coedit.median), line(id, 'Yjs', yjs.median)])
  return table(['', '', ...times.map(([title]) => title), 'ns per update'], rows, 2)
}

/** RESULTS.md */
export function resultsPage (results, { rounds, commit }) {
  const [{ coedit, yjs }] = results.values()
  const memory = (totalmem() / 2 ** 30).toFixed(0)
  return `# Results

Made by \`benchmarks/compare.sh\`; README.md beside this file says what the columns mean. Ratios carry over to other machines, times don't.

* ${new Date().toISOString().slice(0, 10)}, commit ${commit}
* CoEdit ${coedit.version} (update store) on ${coedit.runtime}; Yjs ${yjs.version} (update format v1) on ${yjs.runtime}
* ${cpus()[0].model}, ${cpus().length} cores, ${memory} GiB; load average at the end ${loadavg()[0].toFixed(1)}
* Rounds: ${rounds}. The two programs alternate, every run is a fresh process. In every run both held the same text, state vector and deletions.

## Expectations

Times: the ratio of the best of all rounds.

${expectations(results)}

## How many times faster or smaller than Yjs

Ratio of the medians of all rounds, in brackets the ratio of the bests.

${ratioTable(results)}

## Times

Milliseconds, medians of all rounds; the last column is apply, steady, for one update.

${timeTable(results)}

## Memory and allocation

Bytes. *Retained*: one loaded document after a full collection.

${columnTable(results, memoryColumns)}

## Compaction and known updates

Compaction of the replayed store, and a second delivery of all updates (nothing in them is new any more).

${columnTable(results, compactionColumns)}
`
}
