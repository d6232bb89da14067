// Writes the small recorded sessions that tests/Crdt.Tests reads: the shortest scenario of each kind of the corpus.
//   node generate.mjs --seeds 1-10 && node fixtures.mjs ../Crdt.Tests/fixtures/sessions.txt
// Lines: "scenario NAME GC STATEVECTOR STATE" followed by "update BYTES" in the order of delivery, bytes in base64.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './lib/util.mjs'

const shortest = new Map()
for (const file of readdirSync(join(ROOT, 'corpus')).sort()) {
  const scenario = JSON.parse(readFileSync(join(ROOT, 'corpus', file)))
  scenario.size = scenario.updates.reduce((sum, update) => sum + update.length, 0)
  // One that ends complete: Yjs can hold structs back although everything they need has arrived.
  if (scenario.expected.pendingAfter.at(-1)) continue
  if (!shortest.has(scenario.kind) || scenario.size < shortest.get(scenario.kind).size) shortest.set(scenario.kind, scenario)
}
const lines = []
for (const { kind, name, gc, updates, expected } of shortest.values()) {
  if (kind === 'long') continue
  lines.push(`scenario ${name} ${gc} ${expected.stateVector} ${expected.stateV1}`, ...updates.map(update => `update ${update}`))
}
writeFileSync(process.argv[2], lines.join('\n') + '\n')
