#!/usr/bin/env node
// Runs CoEdit.Bench and Yjs alternately, every run a fresh process, checks that both come to the same documents, and compares.
// Called by ../compare.sh, which builds first:   node compare.mjs [--rounds N] [--smoke] [ID ...]
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { benches, isConcurrent, traceFileOf } from './lib/data.mjs'
import { summary, resultsPage } from './lib/results.mjs'
import { updatesOf } from './lib/updates.mjs'

const path = relative => fileURLToPath(new URL(relative, import.meta.url))
const { options, ids } = commandLine()
const rounds = options.smoke ? 1 : Number(options.rounds)
const programs = {
  coedit: ['dotnet', path('../CoEdit.Bench/bin/Release/net10.0/CoEdit.Bench.dll'), '--engine', 'store'],
  yjs: [process.execPath, path('run.mjs')]
}
const runs = [] // {id, coedit: line, yjs: line}, one per round and id
for (let round = 1; round <= rounds; round++) {
  for (const id of ids) {
    const args = ['--bench', id, '--json', ...(options.smoke ? ['--quick'] : [])]
    if (!isConcurrent(id)) args.push('--updates', updatesOf(traceFileOf(id), path('../.cache')))
    const run = { id }
    for (const [name, command] of Object.entries(programs)) run[name] = measure([...command, ...args])
    check(run)
    runs.push(run)
    const { coedit: { metrics: c }, yjs: { metrics: y } } = run
    const times = `apply ${c.remoteMs} ms, Yjs ${y.remoteMs} ms; load ${c.loadSteadyMs} ms, Yjs ${y.loadSteadyMs} ms`
    console.log(`${round}/${rounds} ${id}: same document; ${times}`)
  }
}

if (options.smoke) {
  console.log(`Smoke run: ${ids.length} benchmarks give the same documents as Yjs. Times of a smoke run mean nothing.`)
} else {
  const results = summary(runs)
  const page = resultsPage(results, { rounds, commit: commit() })
  writeFileSync(path('../RESULTS.md'), page)
  console.log('\n' + page)
}

function commandLine () {
  try {
    const { values: options, positionals } = parseArgs({
      allowPositionals: true,
      options: { rounds: { type: 'string', default: '3' }, smoke: { type: 'boolean', default: false } }
    })
    const unknown = positionals.filter(id => !benches.includes(id))
    if (unknown.length > 0) throw new Error(`there is no benchmark ${unknown.join(', ')}`)
    if (!/^[1-9]\d*$/.test(options.rounds)) throw new Error('--rounds takes a number')
    return { options, ids: positionals.length > 0 ? positionals : benches }
  } catch (error) {
    console.error(`${error.message}\nusage: compare.sh [--rounds N] [--smoke] [ID ...]   with IDs from: ${benches.join(' ')}`)
    process.exit(2)
  }
}

function measure (command) {
  const child = spawnSync(command[0], command.slice(1), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 1 << 24 })
  const line = child.stdout?.split('\n').findLast(l => l.startsWith('{'))
  if (child.status !== 0 || !line) {
    console.error(`failed (${child.error?.message ?? 'exit code ' + child.status}): ${command.join(' ')}`)
    process.exit(1)
  }
  return JSON.parse(line)
}

/** Both replayed the same bytes and hold the same text, the same state vector and the same deletions, in every round. */
function check (run) {
  const earlier = runs.find(r => r.id === run.id) ?? run
  for (const key of ['inputSha256', 'textSha256', 'textLength', 'snapshotSha256']) {
    const values = [run.coedit, run.yjs, earlier.coedit].map(line => line.metrics[key])
    if (values[0] === undefined || values.some(value => value !== values[0])) {
      console.error(`WRONG RESULT: ${run.id} ${key}: CoEdit ${values[0]}, Yjs ${values[1]}, CoEdit in round 1 ${values[2]}`)
      process.exit(1)
    }
  }
}

function commit () {
  const git = (...args) => spawnSync('git', args, { cwd: path('..'), encoding: 'utf8' })
  const head = git('rev-parse', '--short=12', 'HEAD')
  if (head.status !== 0) return 'unknown'
  const changed = git('status', '--porcelain', '--', ':/src', ':/benchmarks', ':(top,exclude)benchmarks/RESULTS.md')
  return head.stdout.trim() + (changed.stdout.trim() === '' ? '' : ' with uncommitted changes')
}
