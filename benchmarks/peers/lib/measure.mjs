// Times in milliseconds. The schedule of the passes is the same in CoEdit.Bench (Measure.cs): change both or neither.

export const collectGarbage = () => { globalThis.gc(); globalThis.gc() }

export const round = ms => Math.round(ms * 10000) / 10000

/** [milliseconds, result, milliseconds of CPU time in all threads of the process] */
export function timed (work) {
  const cpu = process.cpuUsage()
  const start = performance.now()
  const result = work()
  const elapsed = performance.now() - start
  const { user, system } = process.cpuUsage(cpu)
  return [round(elapsed), result, round((user + system) / 1000)]
}

export function median (values) {
  const sorted = values.toSorted((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
}

const lastThird = values => values.slice(-Math.ceil(values.length / 3))

/**
 * How often something is repeated after the cold first time.
 * warm: right after it, with a full collection before each; their median counts.
 * Then without collections: at least so many passes over all updates (fewer when they take longer than patience), or calls of something
 * short, and until the seconds are over; the median of the last third counts.
 * loads: what the metric loadSteadyMs demands, a number of loads of which the last 30 % count.
 * inputs: how many of the growing inputs of X-* are tried.
 */
const full = { warm: 5, passes: 3, calls: 100, seconds: 1.5, patience: 8, loads: 100, inputs: 6 }
const quick = { warm: 1, passes: 1, calls: 10, seconds: 0, patience: 0, loads: 10, inputs: 2 }
export const schedule = isQuick => isQuick ? quick : full

/** [warm, steady] of a pass over all updates */
export const repeatPass = (plan, pass) => repeat(plan, plan.passes, pass)

/** [warm, steady] of something short */
export const repeatCall = (plan, call) => repeat(plan, plan.calls, call)

/** [warm, steady] of something that may take up to a second: three times, and for half a second */
export const repeatLong = (plan, call) => repeat({ ...plan, seconds: Math.min(plan.seconds, 0.5) }, 3, call)

function repeat (plan, least, work) {
  const early = []
  for (let i = 0; i < plan.warm; i++) {
    collectGarbage()
    early.push(timed(work)[0])
  }
  const steady = []
  const start = performance.now()
  while (steady.length < least || performance.now() - start < plan.seconds * 1000) steady.push(timed(work)[0])
  return [median(early), median(lastThird(steady))].map(round)
}

/**
 * The steady times of something that measures itself: a pass gives an object of milliseconds, the answer holds for each of them the median
 * of the last third of the passes.
 */
export function steadyPasses (plan, pass, least = plan.passes) {
  const times = []
  const start = performance.now()
  const elapsed = () => (performance.now() - start) / 1000
  do times.push(pass())
  while (elapsed() < plan.seconds || (times.length < least && elapsed() < plan.patience))
  return Object.fromEntries(Object.keys(times[0]).map(key => [key, round(median(lastThird(times).map(t => t[key])))]))
}
