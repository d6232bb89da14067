#!/usr/bin/env node
// One benchmark for Yjs (update format v1) in a fresh process; the counterpart of CoEdit.Bench.
//   node run.mjs --list
//   node run.mjs --bench C-clownschool --json
//   node run.mjs --bench B4 --updates FILE --json
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { benches } from './lib/data.mjs'

const self = fileURLToPath(import.meta.url)
const again = args => ['--expose-gc', '--max-old-space-size=4096', self, ...args]
if (!globalThis.gc) {
  process.exit(spawnSync(process.execPath, again(process.argv.slice(2)), { stdio: 'inherit' }).status ?? 1)
}

const { values: options } = parseArgs({
  options: {
    list: { type: 'boolean' },
    bench: { type: 'string' },
    updates: { type: 'string' },
    json: { type: 'boolean' },
    quick: { type: 'boolean' }, // few passes: the results are checked, the times mean little
    'memory-of': { type: 'string' } // internal: the child that measures retained memory
  }
})

if (options.list) {
  console.log(JSON.stringify({ libs: ['yjs-v1'], benches }))
} else if (options['memory-of']) {
  const { retained } = await import('./lib/replay.mjs')
  console.log(retained(new Uint8Array(readFileSync(options['memory-of']))))
} else if (!benches.includes(options.bench)) {
  console.error(`--bench must be one of: ${benches.join(' ')}`)
  process.exitCode = 2
} else {
  const { replay } = await import('./lib/replay.mjs')
  const [metrics, state] = replay(options.bench, { updatesFile: options.updates, quick: options.quick })
  metrics.memUsed = memoryInOwnProcess(state)
  const { version } = JSON.parse(readFileSync(new URL('node_modules/yjs/package.json', import.meta.url)))
  const line = { lib: 'yjs-v1', version, encoding: 'v1', bench: options.bench, runtime: 'node ' + process.versions.node, metrics }
  if (options.json) console.log(JSON.stringify(line))
  else console.table(metrics)
}

function memoryInOwnProcess (state) {
  const folder = mkdtempSync(join(tmpdir(), 'coedit-bench-'))
  try {
    const file = join(folder, 'state.bin')
    writeFileSync(file, state)
    const child = spawnSync(process.execPath, again(['--memory-of', file]), { encoding: 'utf8' })
    if (child.status !== 0) throw new Error('the process that measures memory failed: ' + child.stderr)
    return Number(child.stdout)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
