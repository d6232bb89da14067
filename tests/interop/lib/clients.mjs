// The published y-websocket providers, one wrapper for the three versions that are in use.
import { WebSocket } from 'ws'
import * as Y from 'yjs'
import { WebsocketProvider as Provider15 } from 'y-websocket-1.5'
import { WebsocketProvider as Provider21 } from 'y-websocket-2.1'
import { WebsocketProvider as Provider31 } from 'y-websocket-3.1'
import { until } from './until.mjs'

// Every provider listens for the exit of the process, and some tests hold dozens of them.
process.setMaxListeners(0)

const providers = { 1.5: Provider15, 2.1: Provider21, 3.1: Provider31 }

export const versions = Object.keys(providers).sort()

/** A document with a provider, as an editor would hold them. */
export class Client {
  constructor (server, name, version, { doc, clientID, state, ...options }) {
    this.version = version
    this.doc = doc ?? new Y.Doc()
    if (clientID !== undefined) this.doc.clientID = clientID
    /** Close events of the sockets so far, oldest first; `null` stands for a close of our own. */
    this.closes = []
    // Node has a BroadcastChannel: without disableBc the clients of one process would sync behind the server's back.
    this.provider = new providers[version](server.ws, name, this.doc, {
      WebSocketPolyfill: WebSocket,
      disableBc: true,
      maxBackoffTime: 300,
      ...options,
      connect: false
    })
    this.provider.on('connection-close', event => this.closes.push(event && { code: event.code, reason: event.reason }))
    this.awareness = this.provider.awareness
    if (state !== undefined) this.awareness.setLocalState(state)
    if (options.connect !== false) this.provider.connect()
  }

  get id () { return this.doc.clientID }

  get text () { return this.doc.getText('text') }

  dump () {
    const { synced, wsconnected, shouldConnect } = this.provider
    const pending = this.doc.store.pendingStructs !== null
    return JSON.stringify({ id: this.id, version: this.version, pending, synced, wsconnected, shouldConnect, closes: this.closes })
  }

  /** Resolves when the provider has received the answer to its step 1. */
  async synced () {
    await until(() => this.provider.synced, `client ${this.id} (${this.version}) to sync`, 20_000, () => JSON.stringify(this.closes))
    return this
  }

  get isSynced () { return this.provider.synced }

  /** Is the client meant to be connected? */
  get online () { return this.provider.shouldConnect }

  leave () { this.provider.disconnect() }

  comeBack () { this.provider.connect() }

  /** Leaves and waits until the socket is gone, so that what follows really happens offline. */
  async goOffline () {
    const socket = this.provider.ws
    this.provider.disconnect()
    if (socket !== null) await until(() => socket.readyState === WebSocket.CLOSED, 'the socket to close')
  }

  async goOnline () {
    this.provider.connect()
    return this.synced()
  }

  destroy () {
    this.provider.destroy()
    this.awareness.destroy()
    this.doc.destroy()
  }
}

/**
 * A client that is destroyed at the end of test `t`.
 * Options: `version` (default 3.1), `doc`, `clientID`, `state` (awareness; `null` for none), and whatever the provider takes.
 */
export const connect = (t, server, name, { version = '3.1', ...options } = {}) => {
  const client = new Client(server, name, version, options)
  t.after(() => client.destroy())
  return client
}

/** One synced client of each published version. */
export const connectEachVersion = async (t, server, name, options = {}) => {
  const clients = versions.map(version => connect(t, server, name, { version, ...options }))
  for (const client of clients) await client.synced()
  return clients
}
