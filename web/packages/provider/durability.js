// Durable acknowledgements for the stock y-websocket provider (docs/protocol.md, §5 Acknowledgements).
import * as decoding from 'lib0/decoding'

const messageAcknowledgement = 100
const messageEpoch = 101
const messageSync = 0
const syncStep2 = 1
const syncUpdate = 2

/** The options a provider has to be made with, so that the server acknowledges: `new WebsocketProvider(url, name, doc, withAcknowledgements(options))`. */
export const withAcknowledgements = (options = {}) => ({ ...options, params: { ...options.params, ack: '1' } })

/**
 * Follows a provider and tells how many of the edits made here are not yet on the server's disk. Make it before the provider connects
 * (`connect: false`), and make edits only afterwards.
 */
export class Durability {
  #provider
  #listeners = new Set()
  #socket = null
  #edits = 0 // edits made here, ever
  #safe = 0 // of these, the first so many are on disk
  #frames = [] // per sync frame of this socket, from its first: edits made when it was sent
  #acknowledged = 0
  #complete = 0 // the frame that carries what an earlier socket may have lost: our step 2
  #refused = null
  #epoch = null

  constructor (provider) {
    this.#provider = provider
    provider.messageHandlers[messageAcknowledgement] = (_, decoder) => this.#onAcknowledgement(decoder)
    provider.messageHandlers[messageEpoch] = (_, decoder) => { this.#epoch = decoding.readVarString(decoder) }
    provider.on('status', this.#onStatus)
    provider.doc.on('update', this.#onUpdate)
  }

  /** Edits made here that are not known to be on the server's disk. 0: everything is saved. */
  get unsaved () { return this.#edits - this.#safe }

  /** Which life of the document the server speaks of; null before it was heard of. */
  get epoch () { return this.#epoch }

  /** Why the server did not keep an edit; null while it keeps them all. */
  get refused () { return this.#refused }

  /** Calls back after every change of what can be read here. Returns a function that ends it. */
  onChange (listener) {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  destroy () {
    this.#provider.off('status', this.#onStatus)
    this.#provider.doc.off('update', this.#onUpdate)
    delete this.#provider.messageHandlers[messageAcknowledgement]
    delete this.#provider.messageHandlers[messageEpoch]
    this.#listeners.clear()
  }

  // Before the provider's own listener sends the edit: this one was added to the document later, so the count is made up for in #sent.
  #onUpdate = (_update, origin) => {
    if (origin === this.#provider) return
    this.#edits++
    const last = this.#frames.length - 1
    if (last >= 0 && this.#sentInThisUpdate) this.#frames[last] = this.#edits
    this.#sentInThisUpdate = false
    this.#notify()
  }

  #sentInThisUpdate = false

  #onStatus = ({ status }) => {
    if (status !== 'connected' || this.#provider.ws === this.#socket) return
    const socket = this.#socket = this.#provider.ws
    this.#frames = []
    this.#acknowledged = 0
    this.#complete = 0
    this.#refused = null
    const send = socket.send.bind(socket)
    socket.send = (message, ...rest) => {
      send(message, ...rest)
      if (socket === this.#socket) this.#onSent(message)
    }
  }

  #onSent (message) {
    if (message[0] !== messageSync || (message[1] !== syncStep2 && message[1] !== syncUpdate)) return
    this.#frames.push(this.#edits)
    this.#sentInThisUpdate = message[1] === syncUpdate
    if (message[1] === syncStep2 && this.#complete === 0) this.#complete = this.#frames.length
  }

  #onAcknowledgement (decoder) {
    const frame = decoding.readVarUint(decoder)
    if (decoding.readVarUint(decoder) === 1) {
      this.#refused = decoding.readVarString(decoder)
      this.#notify()
      return
    }

    this.#acknowledged = Math.max(this.#acknowledged, frame)
    // Until our step 2 is on disk, edits of before this socket may be missing there.
    if (this.#complete === 0 || this.#acknowledged < this.#complete || this.#refused !== null) return
    this.#safe = Math.max(this.#safe, this.#frames[this.#acknowledged - 1] ?? 0)
    this.#notify()
  }

  #notify () {
    for (const listener of [...this.#listeners]) listener()
  }
}
