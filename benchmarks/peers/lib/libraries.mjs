// The libraries behind one face. A library has
//   name, package, version, encoding
//   create(number, onUpdate)   a replica; its number fixes the client id, so that sizes can be repeated; onUpdate(bytes) or null
//   load(bytes)                a replica that has applied one encoded state
// and a replica has
//   insertText(position, text), deleteText(position, length), insertArray(position, values), setMap(key, value):
//                              each a transaction of its own outside transact(work)
//   apply(update), applyAll(updates) (one transaction or batch), encode()
//   getText(), getArray(), getMap(), textLength(), free()
import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'

const require = createRequire(import.meta.url)
const client = number => 2000000001 + number // as large as the ids that the libraries draw
const loaders = {
  yjs: () => yjs('yjs', 'v2'),
  'yjs-v1': () => yjs('yjs-v1', 'v1'),
  ywasm: () => ywasm('ywasm', 'v2'),
  'ywasm-v1': () => ywasm('ywasm-v1', 'v1'),
  loro
}

export const libraryNames = Object.keys(loaders)

export async function getLibrary (name) {
  const library = await loaders[name]()
  const { version } = JSON.parse(readFileSync(new URL(`../node_modules/${library.package}/package.json`, import.meta.url)))
  const create = (number, onUpdate) => new library.Replica(number, onUpdate)
  const load = bytes => {
    const replica = create(9999, null)
    replica.apply(bytes)
    return replica
  }
  return { ...library, version, create, load }
}

async function yjs (name, encoding) {
  const Y = await import('yjs')
  const v1 = encoding === 'v1'
  const apply = v1 ? Y.applyUpdate : Y.applyUpdateV2
  const encode = v1 ? Y.encodeStateAsUpdate : Y.encodeStateAsUpdateV2
  class Replica {
    constructor (number, onUpdate) {
      this.doc = new Y.Doc()
      this.doc.clientID = client(number)
      if (onUpdate) this.doc.on(v1 ? 'update' : 'updateV2', onUpdate)
      this.text = this.doc.getText('text')
      this.array = this.doc.getArray('array')
      this.map = this.doc.getMap('map')
    }

    insertText (position, text) { this.text.insert(position, text) }
    deleteText (position, length) { this.text.delete(position, length) }
    insertArray (position, values) { this.array.insert(position, values) }
    setMap (key, value) { this.map.set(key, value) }
    transact (work) { this.doc.transact(work) }
    apply (update) { apply(this.doc, update) }
    applyAll (updates) { this.doc.transact(() => { for (const update of updates) apply(this.doc, update) }) }
    encode () { return encode(this.doc) }
    getText () { return this.text.toString() }
    getArray () { return this.array.toArray() }
    getMap () { return this.map.toJSON() }
    textLength () { return this.text.length }
    free () { this.doc.destroy() }
  }
  return { name, package: 'yjs', encoding, Replica }
}

// yrs, compiled to WebAssembly by its authors.
async function ywasm (name, encoding) {
  const Y = require('ywasm')
  const v1 = encoding === 'v1'
  const encode = v1 ? Y.encodeStateAsUpdate : Y.encodeStateAsUpdateV2
  class Replica {
    constructor (number, onUpdate) {
      this.doc = new Y.YDoc({ clientID: client(number) })
      if (onUpdate) this.subscription = v1 ? this.doc.onUpdate(onUpdate) : this.doc.onUpdateV2(onUpdate)
      this.text = this.doc.getText('text')
      this.array = this.doc.getArray('array')
      this.map = this.doc.getMap('map')
      this.transaction = null
    }

    transact (work) {
      if (this.transaction !== null) return work()
      this.transaction = this.doc.beginTransaction(null)
      try {
        work()
      } finally {
        this.transaction.free()
        this.transaction = null
      }
    }

    insertText (position, text) { this.transact(() => this.text.insert(position, text, null, this.transaction)) }
    deleteText (position, length) { this.transact(() => this.text.delete(position, length, this.transaction)) }
    insertArray (position, values) { this.transact(() => this.array.insert(position, values, this.transaction)) }
    setMap (key, value) { this.transact(() => this.map.set(key, value, this.transaction)) }
    apply (update) { this.transact(() => v1 ? this.transaction.applyV1(update) : this.transaction.applyV2(update)) }
    applyAll (updates) { this.transact(() => { for (const update of updates) this.apply(update) }) }
    encode () { return encode(this.doc) }
    getText () { return this.text.toString() }
    getArray () { return this.array.toJson() }
    getMap () { return this.map.toJson() }
    textLength () { return this.text.length() }
    free () {
      this.text.free()
      this.array.free()
      this.map.free()
      this.subscription?.free?.()
      this.doc.free()
    }
  }
  return { name, package: 'ywasm', encoding, Replica }
}

// Another CRDT with a format of its own; its updates and documents are not comparable byte for byte, its work is.
async function loro () {
  const { LoroDoc } = require('loro-crdt')
  class Replica {
    constructor (number, onUpdate) {
      this.doc = new LoroDoc()
      this.doc.setPeerId(BigInt(client(number)))
      if (onUpdate) this.doc.subscribeLocalUpdates(onUpdate)
      this.text = this.doc.getText('text')
      this.list = this.doc.getList('list')
      this.map = this.doc.getMap('map')
      this.inside = false
    }

    transact (work) {
      if (this.inside) return work()
      this.inside = true
      try {
        work()
      } finally {
        this.inside = false
        this.doc.commit()
      }
    }

    insertText (position, text) { this.transact(() => this.text.insert(position, text)) }
    deleteText (position, length) { this.transact(() => this.text.delete(position, length)) }
    insertArray (position, values) {
      this.transact(() => { for (let i = 0; i < values.length; i++) this.list.insert(position + i, values[i]) })
    }

    setMap (key, value) { this.transact(() => this.map.set(key, value)) }
    apply (update) { this.doc.import(update) }
    applyAll (updates) { this.doc.importBatch(updates) }
    encode () { return this.doc.export({ mode: 'snapshot' }) }
    getText () { return this.text.toString() }
    getArray () { return this.list.toArray() }
    getMap () { return this.map.toJSON() }
    textLength () { return this.text.length }
    free () {
      this.text.free()
      this.list.free()
      this.map.free()
      this.doc.free()
    }
  }
  return { name: 'loro', package: 'loro-crdt', encoding: 'snapshot', Replica }
}
