// From the runs, {id, program, line} each, to the median and the best of every metric that is a number.
import { median } from '../measure.mjs'

/** Map of id → {program: {lib, version, encoding, runtime, metrics (of the first run), median, best}} */
export function summary (runs) {
  const results = new Map()
  for (const { id, program, line } of runs) {
    const programs = results.get(id) ?? {}
    results.set(id, programs)
    programs[program] ??= { ...line, lines: [] }
    programs[program].lines.push(line.metrics)
  }
  for (const programs of results.values()) {
    for (const result of Object.values(programs)) {
      result.median = {}
      result.best = {}
      for (const [key, value] of Object.entries(result.metrics)) {
        // A metric that only some runs have (an input too long to repeat) counts where it was taken.
        const values = result.lines.map(metrics => metrics[key]).filter(x => typeof x === 'number')
        if (typeof value !== 'number') continue
        result.median[key] = median(values)
        result.best[key] = Math.min(...values)
      }
    }
  }
  return results
}

/** How many times faster or smaller one program is than another by one metric; undefined where either lacks it. */
export function ratio (slower, faster, key, pick = 'median') {
  const [a, b] = [slower?.[pick][key], faster?.[pick][key]]
  return a === undefined || b === undefined ? undefined : a / b
}
