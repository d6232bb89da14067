// A WebSocket client that hides nothing: the request target is sent as given, frames can be cut, malformed or left unfinished.
import { randomBytes } from 'node:crypto'
import http from 'node:http'
import { hex, parse } from './frames.mjs'
import { until } from './until.mjs'

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 }

/** The server answered the upgrade with something else than 101. */
export class HandshakeRefused extends Error {
  constructor (status, headers, body) {
    super(`handshake refused: ${status} ${body.slice(0, 200)}`)
    Object.assign(this, { status, headers, body })
  }
}

export class RawSocket {
  /**
   * Opens a socket and closes it at the end of test `t`.
   * @param {string} target path as it goes over the wire, e.g. `/ws/a%2Fb`
   * @returns {Promise<RawSocket>} rejects with HandshakeRefused
   */
  static open (t, server, target, headers = {}) {
    return new Promise((resolve, reject) => {
      const request = http.request({
        host: '127.0.0.1',
        port: server.port,
        path: target,
        agent: false,
        headers: {
          Host: server.host,
          Connection: 'Upgrade',
          Upgrade: 'websocket',
          'Sec-WebSocket-Version': '13',
          'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
          ...headers
        }
      })
      request.once('error', reject)
      request.once('response', async response => {
        let body = ''
        for await (const chunk of response.setEncoding('utf8')) body += chunk
        reject(new HandshakeRefused(response.statusCode, response.headers, body))
      })
      request.once('upgrade', (response, socket, head) => {
        const raw = new RawSocket(socket, response.headers)
        t.after(() => raw.terminate())
        raw.#receive(head)
        resolve(raw)
      })
      request.end()
    })
  }

  /** Opens the socket of a document by its plain name. */
  static join (t, server, name, headers = {}) {
    return RawSocket.open(t, server, '/ws/' + name.split('/').map(encodeURIComponent).join('/'), headers)
  }

  #pending = Buffer.alloc(0)
  #fragments = []
  #taken = 0

  constructor (socket, headers) {
    this.socket = socket
    this.headers = headers
    /** Whole messages received so far, oldest first. */
    this.messages = []
    this.pings = 0
    /** `{ code, reason }` of the server's close frame, 1006 when the connection ended without one; null while open. */
    this.closed = null
    socket.on('data', data => this.#receive(data))
    socket.on('close', () => { this.closed ??= { code: 1006, reason: '' } })
    // A reset is how some refusals look; `closed` tells whether a close frame came first.
    socket.on('error', () => {})
    socket.setNoDelay(true)
  }

  #receive (data) {
    this.#pending = this.#pending.length === 0 ? data : Buffer.concat([this.#pending, data])
    for (;;) {
      const frame = this.#takeFrame()
      if (frame === null) return
      switch (frame.opcode) {
        case opcodes.ping:
          this.pings++
          this.frame(opcodes.pong, frame.payload)
          break
        case opcodes.pong:
          break
        case opcodes.close:
          this.closed ??= {
            code: frame.payload.length >= 2 ? frame.payload.readUInt16BE(0) : 1005,
            reason: frame.payload.subarray(2).toString('utf8')
          }
          this.frame(opcodes.close, frame.payload.subarray(0, 2))
          this.socket.end()
          break
        default:
          this.#fragments.push(frame.payload)
          if (frame.fin) {
            this.messages.push(Uint8Array.from(Buffer.concat(this.#fragments)))
            this.#fragments = []
          }
      }
    }
  }

  #takeFrame () {
    const data = this.#pending
    if (data.length < 2) return null
    if (data[1] & 0x80) throw new Error('the server sent a masked frame')
    let length = data[1] & 0x7f
    let offset = 2
    if (length === 126) {
      if (data.length < 4) return null
      length = data.readUInt16BE(2)
      offset = 4
    } else if (length === 127) {
      if (data.length < 10) return null
      length = Number(data.readBigUInt64BE(2))
      offset = 10
    }
    if (data.length < offset + length) return null
    this.#pending = data.subarray(offset + length)
    return { fin: (data[0] & 0x80) !== 0, opcode: data[0] & 0x0f, payload: data.subarray(offset, offset + length) }
  }

  /** The header of a masked frame whose mask is zero, so that the payload follows as it is. */
  static header (opcode, length, fin = true) {
    const first = (fin ? 0x80 : 0) | opcode
    if (length < 126) return Buffer.from([first, 0x80 | length, 0, 0, 0, 0])
    if (length < 65_536) {
      const header = Buffer.from([first, 0x80 | 126, 0, 0, 0, 0, 0, 0])
      header.writeUInt16BE(length, 2)
      return header
    }
    const header = Buffer.from([first, 0x80 | 127, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    header.writeBigUInt64BE(BigInt(length), 2)
    return header
  }

  /** Writes bytes to the connection, framed or not. False: the peer is slower than we are. */
  write (data) { return this.socket.writable && this.socket.write(data) }

  frame (opcode, payload = Buffer.alloc(0), fin = true) {
    return this.write(Buffer.concat([RawSocket.header(opcode, payload.length, fin), payload]))
  }

  send (message) { return this.frame(opcodes.binary, message) }

  sendText (text) { return this.frame(opcodes.text, Buffer.from(text, 'utf8')) }

  /** The connection is cut without a word, as when a laptop is closed. */
  terminate () { this.socket.destroy() }

  /** Waits for the close and returns `{ code, reason }`. */
  async waitForClose (what = 'the server to close the socket') {
    return until(() => this.closed, what, 20_000, () => this.dump())
  }

  /** The next message, in the order of arrival, for which `accept` is true; messages before it are passed over. */
  async next (accept, what) {
    return until(() => {
      while (this.#taken < this.messages.length) {
        const message = parse(this.messages[this.#taken++])
        if (accept(message)) return message
      }
      if (this.closed) throw new Error(`The socket closed (${this.closed.code} ${this.closed.reason}) instead of ${what}.\n${this.dump()}`)
      return null
    }, what, 20_000, () => this.dump())
  }

  nextOfKind (kind) { return this.next(message => message.kind === kind, `a frame of kind ${kind}`) }

  /** Everything that has arrived, taken or not. */
  get parsed () { return this.messages.map(parse) }

  dump () {
    const shown = this.messages.slice(-20).map(message => hex(message.subarray(0, 80)) + (message.length > 80 ? '…' : ''))
    return `closed: ${JSON.stringify(this.closed)}, last frames received:\n  ${shown.join('\n  ')}`
  }
}
