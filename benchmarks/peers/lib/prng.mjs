// Where the synthetic inputs come from: small enough to be written again in any language (here and in CoEdit.Bench/Workloads/Prng.cs).
// All arithmetic is that of 32 unsigned bits. The seed is FNV-1a over the UTF-8 bytes of the benchmark's id, the generator mulberry32.

export function seedOf (id) {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(id)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return hash
}

export class Prng {
  #state

  constructor (seed) { this.#state = seed >>> 0 }

  next () {
    const a = this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = Math.imul(a ^ (a >>> 15), a | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return (t ^ (t >>> 14)) >>> 0
  }

  /** A whole number from low to high, both included. */
  int (low, high) { return low + Math.floor(this.next() / 2 ** 32 * (high - low + 1)) }

  bool () { return this.next() < 2 ** 31 }

  /** Lower-case letters; their number is drawn first. */
  word (shortest, longest) {
    let word = ''
    for (let left = this.int(shortest, longest); left > 0; left--) word += String.fromCharCode(this.int(97, 122))
    return word
  }
}
