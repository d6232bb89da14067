// One benchmark of one library, and the memory that one of its documents keeps.
import { dumpInput, expectedText, extraIds, isConcurrent, readTrace, readUpdateFile, sha256, splitUpdates, traceFileOf } from './data.mjs'
import { reverse, updateFunctions } from './extras.mjs'
import { collectGarbage, schedule } from './measure.mjs'
import { alone, apart, concurrent, crowd, random, session } from './sessions.mjs'
import { makeRandom, makeWorkload, randomId, workloadIds } from './workloads.mjs'

/** Why a library has no such benchmark; undefined if it has. */
export function missing (library, id) {
  const foreign = library.encoding === 'snapshot'
  if (isConcurrent(id) && foreign) return `${library.name} doesn't read the recorded updates, which are those of Yjs`
  if (id === 'X-yjs' && library.package !== 'yjs') return 'X-yjs measures functions of Yjs'
}

/** [metrics, the document's state as the library encodes it] */
export async function runBench (library, id, quick) {
  const [metrics, state] = await run(library, id, schedule(quick))
  const input = isConcurrent(id) ? readUpdateFile(id, null, library.encoding) : dumpInput(id)
  return [{ inputSha256: sha256(input), ...metrics }, state]
}

function run (library, id, plan) {
  if (workloadIds.includes(id)) {
    const workload = makeWorkload(id)
    return { B1: alone, B2: apart, B3: crowd }[workload.kind](library, workload, plan)
  }
  if (id === randomId) return random(library, makeRandom(), plan)
  if (isConcurrent(id)) {
    const updates = splitUpdates(readUpdateFile(id, null, library.encoding))
    return concurrent(library, { updates, expected: expectedText(id) }, plan)
  }
  const trace = readTrace(traceFileOf(id))
  if (extraIds.includes(id)) return id === 'X-reverse' ? reverse(library, trace, plan) : updateFunctions(library, trace, plan)
  // yrs looks up every position from the start of the text: it needs a minute to type this one.
  return session(library, trace, plan, { onlyOnce: library.package === 'ywasm' && id === 'B4' })
}

/**
 * Bytes that one loaded document keeps alive. Only for a process that has done nothing else. The first document pays for the code, for
 * type feedback and the like; counted is what three more add, all of them alive to the end. The memory of WebAssembly is external.
 */
export function retained (library, state) {
  const more = 3
  const load = () => {
    const replica = library.load(state)
    // Libraries that decode lazily have to do it now.
    replica.getText()
    replica.getArray()
    replica.getMap()
    return replica
  }
  const replicas = [load()]
  collectGarbage()
  const before = process.memoryUsage()
  for (let i = 0; i < more; i++) replicas.push(load())
  collectGarbage()
  const after = process.memoryUsage()
  if (replicas.some(replica => replica.getText().length !== replicas[0].getText().length)) throw new Error('the loaded documents differ')
  return Math.round((after.heapUsed + after.external - before.heapUsed - before.external) / more)
}
