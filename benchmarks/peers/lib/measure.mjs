// Times in milliseconds. The schedule of the passes is the same in CoEdit.Bench (Measure.cs): change both or neither.

export const collectGarbage = () => { globalThis.gc(); globalThis.gc() }

/** [milliseconds, result] */
export function timed (work) {
  const start = performance.now()
  const result = work()
  return [performance.now() - start, result]
}

export const round = ms => Math.round(ms * 10000) / 10000

export function median (values) {
  const sorted = values.toSorted((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
}

/**
 * How often something is repeated after the cold first time. warm: right after it, with a full collection before each; their median counts.
 * Then without collections: at least this many passes over all updates, or calls of something short, and until the seconds are over; the
 * median of the last third counts.
 */
const full = { warm: 5, passes: 3, calls: 100, seconds: 1.5 }
const quick = { warm: 1, passes: 1, calls: 10, seconds: 0 }
export const schedule = isQuick => isQuick ? quick : full

/** [warm, steady] of a pass over all updates */
export const repeatPass = (plan, pass) => repeat(plan, plan.passes, pass)

/** [warm, steady] of something short */
export const repeatCall = (plan, call) => repeat(plan, plan.calls, call)

function repeat (plan, least, work) {
  const early = []
  for (let i = 0; i < plan.warm; i++) {
    collectGarbage()
    early.push(timed(work)[0])
  }
  const steady = []
  const start = performance.now()
  while (steady.length < least || performance.now() - start < plan.seconds * 1000) steady.push(timed(work)[0])
  return [median(early), median(steady.slice(-Math.ceil(steady.length / 3)))].map(round)
}
