// RESULTS.md
import { cpus, loadavg, totalmem } from 'node:os'
import { documentExpectations, documentSection, slower } from './document.mjs'
import { storeExpectations, storeSection } from './store.mjs'

/** The programs that took part, for the head of the page. */
function programsOf (results) {
  const seen = new Map()
  for (const of of results.values()) {
    for (const [program, { lib, version, encoding, runtime }] of Object.entries(of)) {
      if (program !== 'yjs-replay') seen.set(lib, `${lib} ${version} (${encoding}, ${runtime})`)
    }
  }
  return [...seen.values()].join('; ')
}

export function resultsPage (results, { rounds, commit }) {
  const memory = (totalmem() / 2 ** 30).toFixed(0)
  const replays = [...results].filter(([, of]) => of['coedit-store'])
  const store = new Map(replays.map(([id, of]) => [id, { store: of['coedit-store'], yjs: of['yjs-replay'] }]))
  const doc = [...results.values()].some(of => of.coedit)
  return `# Results

Made by \`benchmarks/compare.sh\`; README.md beside this file says what the columns mean. Ratios carry over to other machines, times don't.

* ${new Date().toISOString().slice(0, 10)}, commit ${commit}
* ${programsOf(results)}
* ${cpus()[0].model}, ${cpus().length} cores, ${memory} GiB; load average at the end ${loadavg()[0].toFixed(1)}
* Rounds: ${rounds}. The programs alternate, every run is a fresh process. In every run the documents of CoEdit and of Yjs were the same,
  byte for byte, and so were all their updates; the store held the same text, state vector and deletions.

## Expectations

Times: the ratio of the best of all rounds. Cold and steady are explained in README.md.

${doc ? `### The document\n\n${documentExpectations(results)}\n\nTimes above those of Yjs:\n\n${slower(results)}\n` : ''}
${store.size > 0 ? `### The update store\n\n${storeExpectations(store)}\n` : ''}
${doc ? documentSection(results) : ''}
${store.size > 0 ? storeSection(store) : ''}`
}
