// The frames of the y-websocket protocol, written and read without the clients' own code paths.
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import * as Y from 'yjs'

const SYNC = 0
const AWARENESS = 1
const QUERY_AWARENESS = 3

export const bytes = hex => Uint8Array.from(Buffer.from(hex.replaceAll(/\s/g, ''), 'hex'))
export const hex = data => Buffer.from(data).toString('hex')
export const concat = (...parts) => Uint8Array.from(Buffer.concat(parts.map(part => Buffer.from(part))))

export const varUint = value => encoding.encode(encoder => encoding.writeVarUint(encoder, value))

/** The length-prefixed form of `data`. */
const buffer = data => encoding.encode(encoder => encoding.writeVarUint8Array(encoder, data))

const sync = (kind, data) => concat([SYNC, kind], buffer(data))

export const step1 = (vector = Uint8Array.of(0)) => sync(0, vector)
export const step2 = update => sync(1, update)
export const update = data => sync(2, data)
export const queryAwareness = Uint8Array.of(QUERY_AWARENESS)

/** An awareness frame with the given inner bytes. */
export const rawAwareness = inner => concat([AWARENESS], buffer(inner))

/**
 * An awareness frame.
 * @param {...{ id: number, clock: number, state?: any, json?: string }} entries `json` is sent as it is, else `state` is serialised
 */
export const awareness = (...entries) => rawAwareness(encoding.encode(encoder => {
  encoding.writeVarUint(encoder, entries.length)
  for (const { id, clock, state = null, json = JSON.stringify(state) } of entries) {
    encoding.writeVarUint(encoder, id)
    encoding.writeVarUint(encoder, clock)
    encoding.writeVarString(encoder, json)
  }
}))

/** What a frame says: `{ kind: 'step1', vector }`, `{ kind: 'step2' | 'update', update }`, `{ kind: 'awareness', entries }`, `{ kind: 'other', type }`. */
export const parse = frame => {
  const decoder = decoding.createDecoder(frame)
  const type = decoding.readVarUint(decoder)
  if (type === SYNC) {
    const kind = decoding.readVarUint(decoder)
    const data = decoding.readVarUint8Array(decoder)
    switch (kind) {
      case 0: return { kind: 'step1', vector: Y.decodeStateVector(data) }
      case 1: return { kind: 'step2', update: data }
      case 2: return { kind: 'update', update: data }
    }
  }
  if (type === AWARENESS) {
    const inner = decoding.createDecoder(decoding.readVarUint8Array(decoder))
    const entries = []
    for (let left = decoding.readVarUint(inner); left > 0; left--) {
      entries.push({ id: decoding.readVarUint(inner), clock: decoding.readVarUint(inner), state: JSON.parse(decoding.readVarString(inner)) })
    }
    return { kind: 'awareness', entries }
  }
  return { kind: 'other', type }
}
