// The synthetic workloads B1 to B3 of crdt-benchmarks, with N = 6000. An operation is one of
//   ['i', position, text]    insert text           ['a', position, values]    insert into the array
//   ['d', position, length]  delete text           ['m', key, value]          set in the map
import { Prng, seedOf } from './prng.mjs'

const n = 6000
const randomSteps = 20_000

/** Clients of B3: 20 √N, with the root rounded down. */
export const clients = 20 * Math.floor(Math.sqrt(n))

const numbers = g => Array.from({ length: n }, () => g.int(0, 0x7ffffffe))

function insertions (g, length, shortest, longest) {
  const ops = []
  for (let i = 0; i < n; i++) {
    const position = g.int(0, length)
    const word = g.word(shortest, longest)
    ops.push(['i', position, word])
    length += word.length
  }
  return ops
}

/** Adds an insertion or a deletion at the position; returns the new length. */
function insertOrDelete (g, ops, position, length) {
  if (position === length || g.bool()) {
    const word = g.word(2, 10)
    ops.push(['i', position, word])
    return length + word.length
  }
  const deleted = g.int(1, Math.min(9, length - position))
  ops.push(['d', position, deleted])
  return length - deleted
}

function insertionsAndDeletions (g) {
  const ops = []
  for (let i = 0, length = 0; i < n; i++) length = insertOrDelete(g, ops, g.int(0, length), length)
  return ops
}

function insertionsEachWithAnother (g) {
  const ops = []
  for (let i = 0, length = 100; i < n; i++) {
    const position = g.int(0, length)
    const word = g.word(3, 9)
    ops.push(['i', position, word])
    length = insertOrDelete(g, ops, position, length + word.length)
  }
  return ops
}

/** One author; every operation is a transaction. */
const alone = {
  'B1.1': ['append N characters', g => [...g.word(n, n)].map((c, i) => ['i', i, c])],
  'B1.2': ['insert a string of length N', g => [['i', 0, g.word(n, n)]]],
  'B1.3': ['prepend N characters', g => [...g.word(n, n)].map(c => ['i', 0, c])],
  'B1.4': ['insert N characters at random positions', g => insertions(g, 0, 1, 1)],
  'B1.5': ['insert N words at random positions', g => insertions(g, 0, 2, 10)],
  'B1.6': ['insert a string, then delete it', g => [['i', 0, g.word(n, n)], ['d', 0, n]]],
  'B1.7': ['insert and delete strings at random positions', insertionsAndDeletions],
  'B1.8': ['append N numbers', g => numbers(g).map((x, i) => ['a', i, [x]])],
  'B1.9': ['insert an array of N numbers', g => [['a', 0, numbers(g)]]],
  'B1.10': ['prepend N numbers', g => numbers(g).map(x => ['a', 0, [x]])],
  'B1.11': ['insert N numbers at random positions', g => numbers(g).map((x, i) => ['a', g.int(0, i), [x]])]
}

/** Two authors edit the same 100 characters while they are apart, each in one transaction, and then exchange one update. */
const apart = {
  'B2.1': ['concurrently insert a string of length N at index 0', g => [['i', 0, g.word(n, n)]]],
  'B2.2': ['concurrently insert N characters at random positions', g => insertions(g, 100, 1, 1)],
  'B2.3': ['concurrently insert N words at random positions', g => insertions(g, 100, 3, 9)],
  'B2.4': ['concurrently insert and delete', insertionsEachWithAnother]
}

/** Many clients make one change each; nobody knows of another. */
const crowd = {
  'B3.1': ['20√N clients set a number in a map', i => ['m', 'v', i]],
  'B3.2': ['20√N clients set an object in a map', i => ['m', 'v', { name: String(i), address: 'here' }]],
  'B3.3': ['20√N clients set a string in a map', i => ['m', 'v', String(i).repeat(clients)]],
  'B3.4': ['20√N clients insert text into an array', i => ['a', 0, [String(i)]]],
  'B3.5': ['20√N clients insert text', i => ['i', 0, String(i)]]
}

const all = { ...alone, ...apart, ...crowd }

export const workloadIds = Object.keys(all)

export const titles = Object.fromEntries(workloadIds.map(id => [id, all[id][0]]))

/** {kind: 'B1' or 'B3', ops} or {kind: 'B2', init, ops1, ops2} */
export function makeWorkload (id) {
  const kind = id.slice(0, 2)
  const [, make] = all[id]
  if (kind === 'B3') return { kind, ops: Array.from({ length: clients }, (_, i) => make(i)) }
  const g = new Prng(seedOf(id))
  return kind === 'B1' ? { kind, ops: make(g) } : { kind, init: g.word(100, 100), ops1: make(g), ops2: make(g) }
}

/** What one author's operations make of nothing, worked out without a CRDT: the text, or the array. */
export function expectedState (ops) {
  if (ops[0][0] === 'a') {
    const values = []
    for (const [, position, inserted] of ops) values.splice(position, 0, ...inserted)
    return values
  }
  let text = ''
  for (const [kind, position, x] of ops) {
    text = kind === 'i' ? text.slice(0, position) + x + text.slice(position) : text.slice(0, position) + text.slice(position + x)
  }
  return text
}

/** Six authors edit one text at random places, and hear of each other now and then. Not of crdt-benchmarks. */
export const randomId = 'R-six-clients'

export const randomClients = 6

/**
 * {kind: 'R', steps: [[client, 1 if it first applies all that it missed, place, text to insert or units to delete], ...]}. The place is a
 * fraction of the text, which depends on what the client has seen: position = ⌊place / 2^32 · (length + 1)⌋. A deletion ends with the text.
 */
export function makeRandom () {
  const g = new Prng(seedOf(randomId))
  const steps = []
  for (let i = 0; i < randomSteps; i++) {
    const client = g.int(0, randomClients - 1)
    const catchUp = g.int(0, 3) === 0 ? 1 : 0
    const place = g.next()
    steps.push([client, catchUp, place, g.int(0, 2) > 0 ? g.word(1, 5) : g.int(1, 9)])
  }
  return { kind: 'R', steps }
}
