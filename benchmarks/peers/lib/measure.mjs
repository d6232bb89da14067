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
 * How often things are done after the cold first time. warm: passes with a collection before each. steady: passes without, until there are
 * steadyMost of them or steadySeconds are over, but at least steadyLeast; the median of the last third counts. loads: further loads
 * (and encodings); the median of the last 30 % counts.
 */
export const schedule = quick => quick
  ? { warm: 1, steadyLeast: 1, steadyMost: 1, steadySeconds: 0, loads: 10 }
  : { warm: 5, steadyLeast: 3, steadyMost: 30, steadySeconds: 3, loads: 100 }

/** The passes over all updates, after the cold one: [median of the warm ones, steady]. */
export function repeatPasses (plan, pass) {
  const warm = []
  for (let i = 0; i < plan.warm; i++) {
    collectGarbage()
    warm.push(timed(pass)[0])
  }
  const steady = []
  const start = performance.now()
  while (steady.length < plan.steadyLeast || (steady.length < plan.steadyMost && performance.now() - start < plan.steadySeconds * 1000)) {
    steady.push(timed(pass)[0])
  }
  return [median(warm), median(steady.slice(-Math.ceil(steady.length / 3)))]
}

/** Something short, after its cold first call: [median of the warm calls, steady]. */
export function repeatShort (plan, work) {
  const warm = []
  for (let i = 0; i < plan.warm; i++) {
    collectGarbage()
    warm.push(timed(work)[0])
  }
  const steady = []
  for (let i = 0; i < plan.loads; i++) steady.push(timed(work)[0])
  return [median(warm), median(steady.slice(-Math.ceil(plan.loads * 0.3)))]
}
