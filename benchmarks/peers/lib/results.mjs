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

// What was promised before it was measured.
function expectations (results) {
  const rows = []
  const add = (text, value, met) => rows.push([text, value, met ? 'met' : '**not met**'])
  const paper = results.get('B4')
  if (paper) {
    const apply = ratio(paper, 'remoteMs', 'median')
    add('apply per update, automerge-paper, steady: ≥ 60 × Yjs', `${digits(apply)} ×`, apply >= 60)
    const load = ratio(paper, 'loadWarmMs', 'median')
    add('load of the whole document, automerge-paper, warm: ≥ 15 × Yjs', `${digits(load)} ×`, load >= 15)
    const steady = ratio(paper, 'loadSteadyMs', 'median')
    add('the same, steady: ≥ 15 × Yjs', `${digits(steady)} ×`, steady >= 15)
    const { encodeSteadyMs, copySteadyMs, docBytes } = paper.coedit.median
    add('encode of the full state is a copy: ≤ 2 × the time of copying the same bytes', `${digits(encodeSteadyMs / copySteadyMs)} × (${whole(docBytes)} bytes)`, encodeSteadyMs <= 2 * copySteadyMs)
  }
  const worst = (text, of, limit, show) => {
    const [id, value] = [...results].map(([id, { coedit }]) => [id, of(coedit.median)]).sort((a, b) => b[1] - a[1])[0]
    add(text, `${show(value)} at worst (${id})`, value <= limit)
  }
  worst('bytes allocated in the replay: ≤ 3 × the bytes stored', m => m.allocatedBytes / m.storedBytes, 3, digits)
  worst('retained after a load: ≤ 1.05 × the encoded document + 4 KiB', m => (m.memUsed - 4096) / m.docBytes, 1.05, digits)
  worst('updates whose apply allocates anything (growth of buffers): ≤ 1 %', m => m.allocatingUpdates / m.updates, 0.01, x => `${digits(100 * x)} %`)
  return table(['expectation', 'measured', ''], rows, 3)
}

/** RESULTS.md */
export function resultsPage (results, { rounds, commit }) {
  const [{ coedit, yjs }] = results.values()
  const names = { coedit: 'CoEdit', yjs: 'Yjs' }
  const both = f => [...results].flatMap(([id, r]) => ['coedit', 'yjs'].map(name => [id, names[name], ...f(r[name].median)]))
  const each = f => [...results].map(([id, r]) => [id, ...f(r.coedit.median, r.yjs.median)])
  return `# Results

Made by \`benchmarks/compare.sh\`; README.md beside this file says what the columns mean. Ratios carry over to other machines, times don't.

* ${new Date().toISOString().slice(0, 10)}, commit ${commit}
* CoEdit ${coedit.version} (update store) on ${coedit.runtime}; Yjs ${yjs.version} (update format v1) on ${yjs.runtime}
* ${cpus()[0].model}, ${cpus().length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB; load average at the end ${loadavg()[0].toFixed(1)}
* ${rounds} round${rounds === 1 ? '' : 's'}, the two programs alternating, every run a fresh process. In every run both held the same text, state vector and deletions.

## Expectations

${expectations(results)}

## How many times faster or smaller than Yjs

Ratio of the medians of all rounds, in brackets the ratio of the bests.

${table(['', ...compared.map(([title]) => title)], [...results].map(([id, r]) => [id, ...compared.map(([, key]) => `${digits(ratio(r, key, 'median'))} (${digits(ratio(r, key, 'best'))})`)]))}

## Times

Milliseconds, medians of all rounds; the last column is apply, steady, for one update.

${table(['', '', ...compared.slice(0, -1).map(([title]) => title), 'ns per update'], both(m => [...compared.slice(0, -1).map(([, key]) => digits(m[key])), whole(m.remoteMs / m.updates * 1e6)]), 2)}

## Memory and allocation

Bytes. *Retained*: one loaded document after a full collection.

${table(['', 'updates', 'bytes of the updates', 'CoEdit document', 'Yjs document', 'CoEdit retained', 'Yjs retained', 'allocated by the replay', '÷ stored', 'updates that allocate', 'peak RSS CoEdit', 'peak RSS Yjs'],
  each((c, y) => [whole(c.updates), whole(c.updateBytes), whole(c.docBytes), whole(y.docBytes), whole(c.memUsed), whole(y.memUsed), whole(c.allocatedBytes), digits(c.allocatedBytes / c.storedBytes), whole(c.allocatingUpdates), whole(c.maxRss), whole(y.maxRss)]))}

## Compaction and known updates

Compaction of the replayed store, and a second delivery of all updates (nothing in them is new any more).

${table(['', 'compact cold ms', 'steady ms', 'bytes before', 'after', 'structs before', 'after', 'known update ns', 'allocated by all known updates'],
  each(c => [digits(c.compactMs), digits(c.compactSteadyMs), whole(c.compactBytesBefore), whole(c.compactBytesAfter), whole(c.compactStructsBefore), whole(c.compactStructsAfter), whole(c.knownSteadyMs / c.updates * 1e6), whole(c.knownAllocatedBytes)]))}
`
}
