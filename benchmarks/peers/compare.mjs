#!/usr/bin/env node
// Runs CoEdit.Bench and the other libraries alternately, every run a fresh process, checks that they come to the same documents, and
// compares. Called by ../compare.sh, which builds first:   node compare.mjs [--rounds N] [--smoke] [--libs A,B] [ID ...]
import { spawnSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { allIds, extraIds, isConcurrent, recordedIds, traceFileOf } from './lib/data.mjs'
import { libraryNames } from './lib/libraries.mjs'
import { resultsPage } from './lib/page/page.mjs'
import { summary } from './lib/page/summary.mjs'
import { updatesOf } from './lib/updates.mjs'
import { randomId } from './lib/workloads.mjs'

const path = relative => fileURLToPath(new URL(relative, import.meta.url))
const coedit = ['dotnet', path('../CoEdit.Bench/bin/Release/net10.0/CoEdit.Bench.dll')]
const node = [process.execPath, path('run.mjs')]
const { options, ids } = commandLine()
const rounds = options.smoke ? 1 : Number(options.rounds)
const others = options.smoke ? [] : options.libs.split(',').filter(name => name !== '' && name !== 'yjs-v1')
const runs = [] // {id, program, line}

mkdirSync(path('../.cache'), { recursive: true })
const log = path('../.cache/runs.jsonl')
writeFileSync(log, '')
for (let round = 1; round <= rounds; round++) {
  for (const id of ids) {
    for (const [program, command] of programsFor(id)) {
      const line = measure([...command, '--bench', id, '--json', ...(options.smoke ? ['--quick'] : [])])
      runs.push({ id, program, line })
      appendFileSync(log, JSON.stringify({ round, program, ...line }) + '\n')
    }
    check(id)
    console.log(`${round}/${rounds} ${id}: same results${summaryLine(id)}`)
  }
}

if (options.smoke) {
  console.log(`Smoke run: ${ids.length} benchmarks give the same documents as Yjs. Times of a smoke run mean nothing.`)
} else {
  const page = resultsPage(summary(runs), { rounds, commit: commit() })
  writeFileSync(path('../RESULTS.md'), page.trimEnd() + '\n' + serverSection())
  console.log('\n' + page)
}

function commandLine () {
  try {
    const { values: options, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        rounds: { type: 'string', default: '3' },
        smoke: { type: 'boolean', default: false },
        libs: { type: 'string', default: 'yjs-v1,ywasm-v1,loro' },
        'doc-only': { type: 'boolean', default: false },
        'store-only': { type: 'boolean', default: false }
      }
    })
    const unknown = positionals.filter(id => !allIds.includes(id))
    if (unknown.length > 0) throw new Error(`there is no benchmark ${unknown.join(', ')}`)
    if (!/^[1-9]\d*$/.test(options.rounds)) throw new Error('--rounds takes a number')
    const strangers = options.libs.split(',').filter(name => name !== '' && !libraryNames.includes(name))
    if (strangers.length > 0) throw new Error(`there is no library ${strangers.join(', ')}; there are ${libraryNames.join(' ')}`)
    const ids = positionals.length > 0 ? positionals : options['store-only'] ? recordedIds : allIds
    return { options, ids }
  } catch (error) {
    console.error(`${error.message}
usage: compare.sh [--rounds N] [--smoke] [--libs ${libraryNames.join(',')}] [--doc-only | --store-only] [ID ...]
with IDs from: ${allIds.join(' ')}`)
    process.exit(2)
  }
}

/** [name, command] of the programs that run a benchmark, in turn. */
function programsFor (id) {
  const programs = []
  if (!options['store-only']) {
    programs.push(['coedit', coedit], ['yjs-v1', [...node, '--lib', 'yjs-v1']])
    for (const name of others) {
      if (canRun(name, id)) programs.push([name, [...node, '--lib', name]])
    }
  }
  if (!options['doc-only'] && recordedIds.includes(id)) {
    const updates = isConcurrent(id) ? [] : ['--updates', updatesOf(traceFileOf(id), path('../.cache'))]
    programs.push(['coedit-store', [...coedit, '--engine', 'store', ...updates]], ['yjs-replay', [...node, '--replay', ...updates]])
  }
  return programs
}

// The X-* are about functions and the format of Yjs. Loro reads no updates of Yjs, and needs minutes for the six clients.
function canRun (name, id) {
  return !extraIds.includes(id) && !(name === 'loro' && (isConcurrent(id) || id === randomId))
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

/** The latest run of every program of a benchmark must agree, and agree with the first round. */
function check (id) {
  const of = program => runs.filter(run => run.id === id && run.program === program).map(run => run.line.metrics)
  const agree = (keys, first, second) => {
    const [ours, theirs] = [of(first), of(second)]
    for (const key of keys) {
      const values = [ours.at(-1)[key], ours[0][key], theirs.at(-1)[key]]
      if (values.some(value => value === undefined || value !== values[0])) {
        console.error(`WRONG RESULT: ${id} ${key}: ${first} ${values[0]}, in round 1 ${values[1]}, ${second} ${values[2]}`)
        process.exit(1)
      }
    }
  }
  if (of('coedit').length > 0) {
    // The same bytes as Yjs: every update, and the document. Of the X-* the sizes of what comes out.
    const [metrics] = of('coedit')
    const [yjs] = of('yjs-v1')
    const texts = 'textSha256' in metrics ? ['textSha256', 'textLength'] : []
    const hashes = ['inputSha256', 'updatesSha256', 'stateSha256', 'docSha256', ...texts]
    const sizes = Object.keys(metrics).filter(key => key.endsWith('Bytes') && key in yjs)
    agree('stateSha256' in metrics ? hashes : ['inputSha256', ...sizes], 'coedit', 'yjs-v1')
    for (const name of others) {
      // Loro resolves conflicts by rules of its own.
      if (of(name).length > 0) agree(['inputSha256', ...(name === 'loro' && /^B[23]/.test(id) ? [] : ['stateSha256'])], 'coedit', name)
    }
  }
  if (of('coedit-store').length > 0) agree(['inputSha256', 'textSha256', 'textLength', 'snapshotSha256'], 'coedit-store', 'yjs-replay')
}

function summaryLine (id) {
  const latest = program => runs.findLast(run => run.id === id && run.program === program)?.line.metrics
  const [c, y] = [latest('coedit'), latest('yjs-v1')]
  if (options.smoke || !c) return ''
  return ['localSteadyMs', 'remoteSteadyMs', 'loadSteadyMs'].filter(key => key in c && key in y)
    .map(key => `; ${key} ${c[key]}, Yjs ${y[key]}`).join('')
}

/** What CoEdit.Load has written into the page: both programs keep the part of the other. */
function serverSection () {
  const old = existsSync(path('../RESULTS.md')) ? readFileSync(path('../RESULTS.md'), 'utf8') : ''
  const section = /<!-- the server: .*<!-- end of the server -->/s.exec(old)
  return section ? '\n' + section[0] + '\n' : ''
}

function commit () {
  const git = (...args) => spawnSync('git', args, { cwd: path('..'), encoding: 'utf8' })
  const head = git('rev-parse', '--short=12', 'HEAD')
  if (head.status !== 0) return 'unknown'
  const changed = git('status', '--porcelain', '--', ':/src', ':/benchmarks', ':(top,exclude)benchmarks/RESULTS.md')
  return head.stdout.trim() + (changed.stdout.trim() === '' ? '' : ' with uncommitted changes')
}
