// Plays the scenarios of scenarios.mjs with Yjs and writes what it says, one line each:
//   cd tests/conformance && npm ci && node ../Crdt.Tests/Doc/Behaviour/Fixtures/behaviour.mjs > ../Crdt.Tests/Doc/Behaviour/Fixtures/behaviour.jsonl
import { createRequire } from 'node:module'
import { scenarios } from './scenarios.mjs'

const Y = createRequire(process.cwd() + '/')('yjs')
const hex = (bytes) => Buffer.from(bytes).toString('hex')

const value = (v) => {
  if (Array.isArray(v)) return v.map(value)
  if (v === null || typeof v !== 'object') return v
  switch (v.$) {
    case undefined: return Object.fromEntries(Object.entries(v).map(([k, x]) => [k, value(x)]))
    case 'undefined': return undefined
    case 'bigint': return BigInt(v.v)
    case 'number': return Number(v.v)
    case 'bytes': return Uint8Array.from(v.v)
    case 'text': return new Y.Text(v.v)
    case 'xmltext': return new Y.XmlText(v.v)
    case 'array': return Y.Array.from(value(v.v))
    case 'map': return new Y.Map(Object.entries(v.v).map(([k, x]) => [k, value(x)]))
    case 'doc': return new Y.Doc({ guid: v.guid, ...v.options })
    case 'hook': return new Y.XmlHook(v.name)
    case 'fragment': return new Y.XmlFragment()
    case 'element': {
      const element = new Y.XmlElement(v.name)
      for (const [k, x] of Object.entries(v.attributes ?? {})) element.setAttribute(k, value(x))
      if (v.children) element.insert(0, v.children.map(value))
      return element
    }
  }
  throw new Error(v.$)
}

const root = (doc, step) => {
  const [kind, name] = step.split(':')
  return { text: () => doc.getText(name), array: () => doc.getArray(name), map: () => doc.getMap(name), xml: () => doc.getXmlFragment(name) }[kind]()
}

const find = (doc, path) => {
  const [first, ...steps] = path.split('/')
  let type = root(doc, first)
  for (const step of steps) {
    if (type instanceof Y.XmlElement && !/^\d+$/.test(step)) type = type.getAttribute(step)
    else type = type.get(/^\d+$/.test(step) && !(type instanceof Y.Map) ? Number(step) : step)
  }
  return type
}

const names = { embed: 'insertEmbed', delta: 'applyDelta' }

const run = (docs, op) => {
  if (op[0] === 'sync') return Y.applyUpdate(docs[op[2] - 1], Y.encodeStateAsUpdate(docs[op[1] - 1], Y.encodeStateVector(docs[op[2] - 1])))
  if (op[0] === 'sync2') return Y.applyUpdateV2(docs[op[2] - 1], Y.encodeStateAsUpdateV2(docs[op[1] - 1]))
  if (op[0] === 'all') {
    for (let round = 0; round < 2; round++) for (const a of docs) for (const b of docs) if (a !== b) Y.applyUpdate(b, Y.encodeStateAsUpdate(a))
    return
  }
  if (op[0] === 'throws') {
    let thrown = false
    try { run(docs, op[1]) } catch { thrown = true }
    if (!thrown) throw new Error('did not throw: ' + JSON.stringify(op[1]))
    return
  }
  const [at, path, method, ...args] = op
  const doc = docs[at - 1]
  if (path === 'transact') return doc.transact(() => method.forEach((inner) => run(docs, inner)))
  const type = find(doc, path)
  if (method === 'delta') return type.applyDelta(value(args[0]), { sanitize: args[1] ?? true })
  type[names[method] ?? method](...args.map(value))
}

for (const [name, { replicas = 1, gc = true, roots, ops }] of Object.entries(scenarios)) {
  const updates = []
  const docs = Array.from({ length: replicas }, (_, i) => {
    const doc = new Y.Doc({ gc, guid: 'g' })
    doc.clientID = i + 1
    roots.forEach((r) => root(doc, r))
    const own = []
    updates.push(own)
    doc.on('update', (update) => own.push(hex(update)))
    return doc
  })
  ops.forEach((op) => run(docs, op))
  const results = docs.map((doc, i) => ({
    updates: updates[i],
    v1: hex(Y.encodeStateAsUpdate(doc)),
    v2: hex(Y.encodeStateAsUpdateV2(doc)),
    vector: hex(Y.encodeStateVector(doc)),
    roots: roots.map((r) => {
      const type = root(doc, r)
      const print = (f) => { try { const x = f(); if (doc.subdocs.size > 0) return null; return typeof x === 'string' ? x : JSON.stringify(x) } catch { return null } }
      const plain = type instanceof Y.Text && type.toDelta().every((o) => !(o.insert instanceof Y.AbstractType))
      return { json: print(() => type.toJSON()), length: type instanceof Y.Map ? type.size : type.length, delta: plain ? print(() => type.toDelta()) : null }
    })
  }))
  console.log(JSON.stringify({ name, gc, roots, ops, results }))
}
