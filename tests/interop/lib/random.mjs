/** A small seeded generator (mulberry32): the same seed gives the same choices on every machine. */
export const seededRandom = seed => {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  /** An integer from 0 up to, but not including, `end`. */
  const integer = end => Math.floor(next() * end)
  return {
    integer,
    chance: probability => next() < probability,
    pick: list => list[integer(list.length)],
    word: () => Array.from({ length: 1 + integer(8) }, () => 'abcdefghijklmnopqrstuvwxyz жю🙂\n'[integer(27)]).join('')
  }
}

/** The seed of this run: COEDIT_SEED, or a new one. */
export const seedOfRun = () => Number(process.env.COEDIT_SEED ?? Date.now() % 1_000_000_000)
