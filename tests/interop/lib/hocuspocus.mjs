// The published Hocuspocus providers, one wrapper for the three versions that are in use, with the surface of lib/clients.mjs.
import { HocuspocusProvider as Provider2, HocuspocusProviderWebsocket as Socket2 } from 'hocuspocus-provider-2'
import { HocuspocusProvider as Provider3, HocuspocusProviderWebsocket as Socket3 } from 'hocuspocus-provider-3'
import { HocuspocusProvider as Provider4, HocuspocusProviderWebsocket as Socket4 } from 'hocuspocus-provider-4'
import { WebSocket } from 'ws'
import * as Y from 'yjs'
import { until } from './until.mjs'

const providers = { hp2: [Provider2, Socket2], hp3: [Provider3, Socket3], hp4: [Provider4, Socket4] }

export const hocuspocusVersions = Object.keys(providers)

/** The address of the endpoint. */
export const hocuspocusUrl = server => `ws://${server.host}/hocuspocus`

/** Providers close sockets that are still connecting after they have stopped listening to them; `ws` then has nobody to tell its error. */
class QuietSocket extends WebSocket {
  constructor (...args) {
    super(...args)
    this.on('error', () => {})
  }
}

/** Providers 2 and 3 forget a reconnect that they have put off, which then connects a destroyed socket and never gives up. */
const destroySocket = socket => {
  socket.destroy()
  socket.connect = async () => {}
}

/** A socket that any number of providers share; destroyed at the end of test `t`. */
export const openSocket = (t, server, { version = 'hp4', ...options } = {}) => {
  const Socket = providers[version][1]
  const socket = new Socket({ url: hocuspocusUrl(server), WebSocketPolyfill: QuietSocket, delay: 100, minDelay: 50, maxDelay: 300, ...options })
  socket.version = version
  t.after(() => destroySocket(socket))
  return socket
}

/** A document with a provider on a shared socket. */
export class HocuspocusClient {
  constructor (socket, name, { doc, clientID, state, ...options }, ownsSocket) {
    this.version = socket.version
    this.socket = socket
    this.ownsSocket = ownsSocket
    this.doc = doc ?? new Y.Doc()
    if (clientID !== undefined) this.doc.clientID = clientID
    /** What the server and the provider had to say, oldest first. */
    this.authenticated = []
    this.denials = []
    this.closes = []
    this.stateless = []
    const Provider = providers[socket.version][0]
    this.provider = new Provider({
      websocketProvider: socket,
      name,
      document: this.doc,
      broadcast: false, // provider 2 would sync through the BroadcastChannel, behind the server's back
      preserveConnection: true,
      onAuthenticated: event => this.authenticated.push(event?.scope ?? this.provider?.authorizedScope),
      onAuthenticationFailed: ({ reason }) => this.denials.push(reason),
      onClose: ({ event }) => this.closes.push({ code: event.code, reason: event.reason }),
      onStateless: ({ payload }) => this.stateless.push(payload),
      ...options
    })
    this.awareness = this.provider.awareness
    if (state !== undefined) this.awareness.setLocalState(state)
    this.provider.attach?.()
  }

  get id () { return this.doc.clientID }

  get text () { return this.doc.getText('text') }

  dump () {
    const { unsyncedChanges, isAuthenticated, isSynced } = this.provider
    const pending = this.doc.store.pendingStructs !== null
    const { status, webSocket } = this.socket
    return JSON.stringify({ id: this.id, version: this.version, status, readyState: webSocket?.readyState, pending, unsyncedChanges, isAuthenticated, isSynced, denials: this.denials, closes: this.closes })
  }

  /** Resolves when the provider calls itself synced. */
  async synced () {
    await until(() => this.provider.isSynced, `client ${this.id} (${this.version}) to sync`, 20_000, () => this.dump())
    return this
  }

  /**
   * Resolves when everything that the client sent has been acknowledged. Provider 2 sends what it queued offline without counting it, and so
   * ends below zero after a reconnect.
   */
  async saved () {
    await until(() => this.provider.isSynced && (this.provider.unsyncedChanges === 0 || (this.version === 'hp2' && this.provider.unsyncedChanges < 0)), `the changes of ${this.id} (${this.version}) to be saved`, 20_000, () => this.dump())
    return this
  }

  get isSynced () { return this.provider.isSynced && this.provider.unsyncedChanges <= 0 }

  get online () { return this.socket.shouldConnect }

  leave () { this.socket.disconnect() }

  comeBack () {
    // A provider whose socket is still closing ignores `connect`; it comes back by itself if it is meant to be connected.
    this.socket.shouldConnect = true
    if (this.socket.status === 'disconnected') this.socket.connect()
  }

  async goOffline () {
    const { webSocket } = this.socket
    this.socket.disconnect()
    if (webSocket !== null) await until(() => webSocket.readyState === WebSocket.CLOSED, 'the socket to close')
    await until(() => this.socket.status === 'disconnected', 'the provider to notice')
  }

  async goOnline () {
    this.socket.connect()
    return this.synced()
  }

  destroy () {
    this.provider.destroy()
    if (this.ownsSocket) destroySocket(this.socket)
    this.awareness?.destroy()
    this.doc.destroy()
  }
}

/** A client on a socket of its own (options as `connect` of lib/clients.mjs), or on `socket`. Destroyed at the end of test `t`. */
export const connectHocuspocus = (t, server, name, { version = 'hp4', socket, ...options } = {}) => {
  const client = new HocuspocusClient(socket ?? openSocket(t, server, { version }), name, options, socket === undefined)
  t.after(() => client.destroy())
  return client
}
