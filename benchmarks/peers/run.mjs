#!/usr/bin/env node
// One benchmark for one library in a fresh process; the counterpart of CoEdit.Bench.
//   node run.mjs --list
//   node run.mjs --lib yjs-v1 --bench B1.4 --json
//   node run.mjs --dump-input B1.4                      exactly the bytes whose hash is inputSha256
//   node run.mjs --replay --bench B4 --updates FILE --json       Yjs beside `CoEdit.Bench --engine store`
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { missing, retained, runBench } from './lib/bench.mjs'
import { allIds, dumpInput, extraIds, recordedIds } from './lib/data.mjs'
import { getLibrary, libraryNames } from './lib/libraries.mjs'

const self = fileURLToPath(import.meta.url)
const again = args => ['--expose-gc', '--max-old-space-size=8192', self, ...args]
if (!globalThis.gc) {
  process.exit(spawnSync(process.execPath, again(process.argv.slice(2)), { stdio: 'inherit' }).status ?? 1)
}

const { values: options } = parseArgs({
  options: {
    list: { type: 'boolean' },
    'dump-input': { type: 'string' },
    lib: { type: 'string', default: 'yjs-v1' },
    bench: { type: 'string' },
    replay: { type: 'boolean' },
    updates: { type: 'string' },
    json: { type: 'boolean' },
    quick: { type: 'boolean' }, // few passes: the results are checked, the times mean little
    'memory-of': { type: 'string' } // internal: the child that measures retained memory
  }
})
const known = options.replay ? recordedIds : allIds
const id = options['dump-input'] ?? options.bench

if (options.list) {
  console.log(JSON.stringify({ libs: libraryNames, benches: allIds }))
} else if (!libraryNames.includes(options.lib)) {
  fail(`--lib must be one of: ${libraryNames.join(' ')}`)
} else if (options['memory-of']) {
  console.log(retained(await getLibrary(options.lib), new Uint8Array(readFileSync(options['memory-of']))))
} else if (!known.includes(id)) {
  fail(`the benchmark must be one of: ${known.join(' ')}`)
} else if (options['dump-input']) {
  process.stdout.write(dumpInput(id))
} else {
  const library = await getLibrary(options.replay ? 'yjs-v1' : options.lib)
  const reason = missing(library, id)
  if (reason) fail(reason)
  else await measure(library)
}

function fail (message) {
  console.error(message)
  process.exitCode = 2
}

async function measure (library) {
  const [metrics, state] = options.replay
    ? (await import('./lib/replay.mjs')).replay(id, { updatesFile: options.updates, quick: options.quick })
    : await runBench(library, id, options.quick)
  metrics.maxRss = process.resourceUsage().maxRSS * 1024
  if (!extraIds.includes(id)) metrics.memUsed = memoryInOwnProcess(library, state)
  const { name, version, encoding } = library
  const line = { lib: name, version, encoding, bench: id, runtime: 'node ' + process.versions.node, metrics }
  if (options.json) console.log(JSON.stringify(line))
  else console.table(metrics)
}

function memoryInOwnProcess (library, state) {
  const folder = mkdtempSync(join(tmpdir(), 'coedit-bench-'))
  try {
    const file = join(folder, 'state.bin')
    writeFileSync(file, state)
    const child = spawnSync(process.execPath, again(['--lib', library.name, '--memory-of', file]), { encoding: 'utf8' })
    if (child.status !== 0) throw new Error('the process that measures memory failed: ' + child.stderr)
    return Number(child.stdout)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
