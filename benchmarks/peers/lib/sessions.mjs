// What is done in each family of benchmarks and in which order; CoEdit.Bench does the same in the same order. Every function takes a
// library and a plan (measure.mjs) and returns [metrics, the document's state as the library encodes it].
import { expectedState, randomClients } from './workloads.mjs'
import { frameUpdates, sha256 } from './data.mjs'
import { collectGarbage, median, repeatCall, round, steadyPasses, timed } from './measure.mjs'

const drop = () => {}
const totalBytes = updates => updates.reduce((sum, update) => sum + update.length, 0)

function assert (right, what) {
  if (!right) throw new Error(`wrong result: ${what}`)
}

/** The value as JSON, with the members of its objects in the order of their names, for libraries differ in that. */
const canonical = value => JSON.stringify(value, (_, x) => isObject(x) ? Object.fromEntries(Object.entries(x).sort()) : x)
const isObject = x => typeof x === 'object' && x !== null && !Array.isArray(x)

function execute (replica, [kind, where, what]) {
  if (kind === 'i') replica.insertText(where, what)
  else if (kind === 'd') replica.deleteText(where, what)
  else if (kind === 'a') replica.insertArray(where, what)
  else replica.setMap(where, what)
}

const readers = { i: replica => replica.getText(), a: replica => replica.getArray(), m: replica => replica.getMap() }

/** Hashes of what the document says and, in the formats of Yjs, of its bytes. */
function describeState (library, m, state, bytes) {
  if (typeof state === 'string') {
    m.textLength = state.length
    m.textSha256 = sha256(state)
  }
  m.stateSha256 = sha256(canonical(state))
  if (library.encoding !== 'snapshot') m.docSha256 = sha256(bytes)
}

function describeUpdates (library, m, updates, divisor = updates.length) {
  m.updates = updates.length
  m.updateBytes = totalBytes(updates)
  m.avgUpdateSize = round(m.updateBytes / divisor)
  if (library.encoding !== 'snapshot') m.updatesSha256 = sha256(frameUpdates(updates))
}

/** Encodes, loads and reads for the first time in this process. */
function encodeAndLoad (library, replica, check, m) {
  collectGarbage()
  const [encodeMs, bytes] = timed(() => replica.encode())
  m.encodeMs = encodeMs
  m.docBytes = bytes.length
  collectGarbage()
  const [loadMs, loaded, loadCpuMs] = timed(() => library.load(bytes))
  ;[m.textMs] = timed(() => check(loaded))
  Object.assign(m, { loadMs, loadCpuMs, parseMs: round(loadMs + m.textMs) })
  loaded.free()
  return bytes
}

/** The contract's loads: five with a collection before each, then a hundred, of which the last thirty count. And the same state encoded. */
function loadAndEncodeAgain (library, replica, bytes, plan, m) {
  const load = () => {
    const [ms, loaded] = timed(() => library.load(bytes))
    loaded.free()
    return ms
  }
  const early = Array.from({ length: plan.warm }, () => { collectGarbage(); return load() })
  const later = Array.from({ length: plan.loads }, load)
  m.loadWarmMs = round(median(early))
  m.loadSteadyMs = round(median(later.slice(-0.3 * plan.loads)))
  ;[m.encodeWarmMs, m.encodeSteadyMs] = repeatCall(plan, () => replica.encode())
}

/** B1: one author, every operation is a transaction. */
export function alone (library, { ops }, plan) {
  const expected = expectedState(ops)
  const expectedJson = canonical(expected)
  const isRight = typeof expected === 'string'
    ? replica => replica.getText() === expected
    : replica => canonical(replica.getArray()) === expectedJson
  const check = replica => assert(isRight(replica), 'the state is not what was typed')
  const run = replica => { for (const op of ops) execute(replica, op) }
  const m = { ops: ops.length }

  // 1. Cold. Both replicas have a listener.
  const updates = []
  const author = library.create(1, update => updates.push(update))
  const reader = library.create(2, drop)
  collectGarbage()
  ;[m.localMs, , m.localCpuMs] = timed(() => run(author))
  ;[m.remoteMs, , m.remoteCpuMs] = timed(() => { for (const update of updates) reader.apply(update) })
  const [checkMs] = timed(() => { check(author); check(reader) })
  m.timeMs = round(m.localMs + m.remoteMs + checkMs)
  const bytes = encodeAndLoad(library, author, check, m)
  reader.free()

  // 2. Again.
  again(library, { run, check, updates, remoteListener: drop }, plan, m)
  loadAndEncodeAgain(library, author, bytes, plan, m)
  describeUpdates(library, m, updates, ops.length === 2 ? 1 : ops.length) // B1.6 is one piece of input, say the crdt-benchmarks
  describeState(library, m, expected, bytes)
  return [m, bytes]
}

/** What B1 and the recorded sessions have in common after their cold part. reader: the remote replica's number, which no author has. */
function again (library, { run, check, updates, reader = 2, remoteListener, onlyRemote }, plan, m) {
  const typed = (listener, work) => {
    const replica = library.create(1, listener)
    collectGarbage()
    const [ms] = timed(() => work(replica))
    check(replica)
    replica.free()
    return ms
  }
  const delivered = (listener, deliver) => {
    const replica = library.create(reader, listener)
    collectGarbage()
    const [ms, , cpuMs] = timed(() => deliver(replica))
    check(replica)
    replica.free()
    return [ms, cpuMs]
  }
  const applyEach = replica => { for (const update of updates) replica.apply(update) }

  if (!onlyRemote) {
    m.localWarmMs ??= typed(drop, run)
    m.localNoListenerMs = typed(null, run)
    m.localOneTxnMs = typed(drop, replica => replica.transact(() => run(replica)))
  }
  if (m.remoteMs === undefined) [m.remoteMs, m.remoteCpuMs] = delivered(remoteListener, applyEach)
  else [m.remoteWarmMs] = delivered(remoteListener, applyEach)
  ;[m.remoteBatchMs] = delivered(remoteListener, replica => replica.applyAll(updates))

  const pass = (key, number, listener, work) => () => {
    const replica = library.create(number, listener)
    const [ms] = timed(() => work(replica))
    replica.free()
    return { [key]: ms }
  }
  if (!onlyRemote) Object.assign(m, steadyPasses(plan, pass('localSteadyMs', 1, drop, run)))
  Object.assign(m, steadyPasses(plan, pass('remoteSteadyMs', reader, remoteListener, applyEach)))
}

/** B4 and T-*: a recorded session of one author. onlyOnce: the library is so slow that the cold local pass has to be the only one. */
export function session (library, { txns, endContent }, plan, { onlyOnce }) {
  const check = replica => assert(replica.getText() === endContent, 'the text is not the recorded one')
  const run = replica => { for (const patches of txns) runTransaction(replica, patches) }
  const m = { txns: txns.length, patches: txns.reduce((sum, patches) => sum + patches.length / 3, 0) }

  // 1. Cold, the updates are dropped.
  const updates = []
  const collect = update => updates.push(update)
  const author = library.create(1, onlyOnce ? collect : drop)
  collectGarbage()
  const heapBefore = process.memoryUsage().heapUsed
  ;[m.localMs, , m.localCpuMs] = timed(() => run(author))
  const [checkMs] = timed(() => check(author))
  m.timeMs = round(m.localMs + checkMs)
  collectGarbage()
  if (!onlyOnce) m.heapAfterLocal = process.memoryUsage().heapUsed - heapBefore
  const bytes = encodeAndLoad(library, author, check, m)

  // 2. Warm, the updates are kept.
  if (!onlyOnce) {
    const second = library.create(1, collect)
    collectGarbage()
    ;[m.localWarmMs] = timed(() => run(second))
    second.free()
  }
  again(library, { run, check, updates, remoteListener: null, onlyRemote: onlyOnce }, plan, m)
  loadAndEncodeAgain(library, author, bytes, plan, m)
  describeUpdates(library, m, updates)
  describeState(library, m, endContent, bytes)
  return [m, bytes]
}

/** [position, deleted, inserted, position, ...]; a single insertion or deletion is a transaction without being wrapped in one. */
export function runTransaction (replica, patches) {
  if (patches.length === 3 && (patches[1] === 0 || patches[2] === '')) {
    if (patches[1] > 0) replica.deleteText(patches[0], patches[1])
    else replica.insertText(patches[0], patches[2])
    return
  }
  replica.transact(() => {
    for (let i = 0; i < patches.length; i += 3) {
      if (patches[i + 1] > 0) replica.deleteText(patches[i], patches[i + 1])
      if (patches[i + 2] !== '') replica.insertText(patches[i], patches[i + 2])
    }
  })
}

/** B2: two replicas with the same text edit apart and exchange one update each. */
export function apart (library, { init, ops1, ops2 }, plan) {
  const exchange = () => {
    let latest
    const replicas = [1, 2].map(number => library.create(number, update => { latest = update }))
    replicas[0].insertText(0, init)
    replicas[1].apply(latest)
    collectGarbage()
    const updates = []
    const [localMs, , localCpuMs] = timed(() => {
      for (const [i, ops] of [ops1, ops2].entries()) {
        replicas[i].transact(() => { for (const op of ops) execute(replicas[i], op) })
        updates.push(latest)
      }
    })
    const [remoteMs, , remoteCpuMs] = timed(() => {
      replicas[0].apply(updates[1])
      replicas[1].apply(updates[0])
    })
    return { replicas, updates, times: { localMs, localCpuMs, remoteMs, remoteCpuMs } }
  }

  const { replicas, updates, times } = exchange()
  const m = { ops: ops1.length + ops2.length, ...times }
  const [checkMs] = timed(() => assert(replicas[0].getText() === replicas[1].getText(), 'the replicas differ'))
  m.timeMs = round(m.localMs + m.remoteMs + checkMs)
  const text = replicas[0].getText()
  const bytes = encodeAndLoad(library, replicas[0], replica => assert(replica.getText() === text, 'the loaded text'), m)

  const steady = steadyPasses(plan, () => {
    const { replicas, times } = exchange()
    for (const replica of replicas) replica.free()
    return { localSteadyMs: times.localMs, remoteSteadyMs: times.remoteMs }
  })
  Object.assign(m, steady)
  loadAndEncodeAgain(library, replicas[0], bytes, plan, m)
  describeUpdates(library, m, updates)
  describeState(library, m, text, bytes)
  return [m, bytes]
}

/** B3: many replicas make one change each; the first two get all the updates in one transaction, the second is timed. */
export function crowd (library, { ops }, plan) {
  const read = readers[ops[0][0]]
  const m = { ops: ops.length }
  const updates = []
  const replicas = ops.map((_, i) => library.create(i, update => updates.push(update)))
  collectGarbage()
  ;[m.localMs, , m.localCpuMs] = timed(() => { for (let i = 0; i < ops.length; i++) execute(replicas[i], ops[i]) })
  assert(updates.length === ops.length, 'one update of every client')
  const own = updates.slice()
  replicas[0].applyAll(own)
  collectGarbage()
  ;[m.remoteMs, , m.remoteCpuMs] = timed(() => replicas[1].applyAll(own))
  const [checkMs] = timed(() => assert(canonical(read(replicas[0])) === canonical(read(replicas[1])), 'the replicas differ'))
  m.timeMs = round(m.remoteMs + checkMs)
  const state = read(replicas[0])
  const expected = canonical(state)
  const bytes = encodeAndLoad(library, replicas[0], replica => assert(canonical(read(replica)) === expected, 'the loaded state'), m)

  const steady = steadyPasses(plan, () => {
    const replica = library.create(5000, drop)
    const [remoteSteadyMs] = timed(() => replica.applyAll(own))
    replica.free()
    return { remoteSteadyMs }
  }, plan.calls)
  Object.assign(m, steady)
  loadAndEncodeAgain(library, replicas[0], bytes, plan, m)
  describeUpdates(library, m, own)
  describeState(library, m, state, bytes)
  return [m, bytes]
}

/** C-*: the updates that several concurrent authors made, in causal order, into one fresh replica. */
export function concurrent (library, { updates, expected }, plan) {
  const check = replica => assert(sha256(replica.getText()) === expected.textSha256, 'the text is not the recorded one')
  const m = {}
  const reader = library.create(5000, null)
  collectGarbage()
  ;[m.remoteMs, , m.remoteCpuMs] = timed(() => { for (const update of updates) reader.apply(update) })
  const [checkMs] = timed(() => check(reader))
  m.timeMs = round(m.remoteMs + checkMs)
  const bytes = encodeAndLoad(library, reader, check, m)
  again(library, { check, updates, reader: 5000, remoteListener: null, onlyRemote: true }, plan, m)
  loadAndEncodeAgain(library, reader, bytes, plan, m)
  describeUpdates(library, m, updates)
  describeState(library, m, reader.getText(), bytes)
  return [m, bytes]
}

/** R: the updates of six authors who edit at random places, in the order in which they were made, into one fresh replica. */
export function random (library, { steps }, plan) {
  const updates = []
  let own
  const authors = Array.from({ length: randomClients }, (_, i) => ({ replica: library.create(i, update => { own = update }), seen: 0 }))
  const catchUp = author => {
    for (; author.seen < updates.length; author.seen++) {
      const { from, update } = updates[author.seen]
      if (from !== author) author.replica.apply(update)
    }
  }
  for (const [client, first, place, what] of steps) {
    const author = authors[client]
    if (first === 1) catchUp(author)
    const length = author.replica.textLength()
    const position = Math.floor(place / 2 ** 32 * (length + 1))
    if (typeof what === 'string') author.replica.insertText(position, what)
    else if (position < length) author.replica.deleteText(position, Math.min(what, length - position))
    else continue
    updates.push({ from: author, update: own })
  }
  for (const author of authors) catchUp(author)
  const text = authors[0].replica.getText()
  for (const { replica } of authors) {
    assert(replica.getText() === text, 'the authors differ')
    replica.free()
  }
  return concurrent(library, { updates: updates.map(({ update }) => update), expected: { textSha256: sha256(text) } }, plan)
}
