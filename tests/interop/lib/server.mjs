// Starts the real server as a child process and talks to its HTTP API.
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { until } from './until.mjs'

const here = path.dirname(fileURLToPath(import.meta.url))

/** What is started: a DLL is run by `dotnet`, anything else is executed as it is (a self-contained build, for example). */
const serverFile = process.env.COEDIT_SERVER_DLL ??
  path.resolve(here, '../../../src/Server/bin/Release/net10.0/CoEdit.Server.dll')

const READY_MS = 60_000
const EXIT_MS = 30_000

/** Every child that is still running, and every folder made. A test process that dies must leave neither behind. */
const children = new Set()
const folders = []
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL')
  for (const folder of folders) fs.rmSync(folder, { recursive: true, force: true })
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1))

/** A port that was free a moment ago. */
export const freePort = () => new Promise((resolve, reject) => {
  const probe = net.createServer()
  probe.once('error', reject)
  probe.listen(0, '127.0.0.1', () => {
    const { port } = probe.address()
    probe.close(() => resolve(port))
  })
})

/** A new folder under the system's temporary directory; it goes with the process if nobody removes it before. */
export const makeTempDir = () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'coedit-interop-'))
  folders.push(folder)
  return folder
}

/** A running server process: its output so far, and its end. */
class Process {
  constructor (args, cwd) {
    if (!fs.existsSync(serverFile)) {
      throw new Error(`The server is not built: ${serverFile} does not exist (build src/Server in Release, or set COEDIT_SERVER_DLL).`)
    }
    const [command, ...rest] = serverFile.endsWith('.dll') ? ['dotnet', serverFile, ...args] : [serverFile, ...args]
    this.child = spawn(command, rest, { cwd, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, DOTNET_NOLOGO: '1', ASPNETCORE_ENVIRONMENT: 'Production' } })
    children.add(this.child)
    this.output = ''
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.setEncoding('utf8')
      stream.on('data', text => { this.output = (this.output + text).slice(-200_000) })
    }
    /** `{ code, signal }`, set when the process has ended and its output is complete. */
    this.ended = null
    this.exit = new Promise((resolve, reject) => {
      this.child.once('error', error => { children.delete(this.child); reject(error) })
      this.child.once('close', (code, signal) => {
        children.delete(this.child)
        this.ended = { code, signal }
        resolve(this.ended)
      })
    })
  }

  async kill (signal) {
    if (!this.ended) this.child.kill(signal)
    await until(() => this.ended, `the server to end after ${signal}`, EXIT_MS, () => this.output)
    return this.ended
  }
}

/**
 * Runs the server until it ends by itself: for starts that must be refused.
 * @returns {Promise<{ code: number | null, signal: string | null, output: string }>}
 */
export const runToEnd = async (args, cwd) => {
  const run = new Process(args, cwd)
  try {
    await until(() => run.ended, 'the server to refuse the start', EXIT_MS, () => run.output)
  } finally {
    if (!run.ended) await run.kill('SIGKILL')
  }
  return { ...run.ended, output: run.output }
}

/** The server on one port and one database file; it can be stopped and started again, hence more than one process in its life. */
export class Server {
  constructor ({ args, port, dir }) {
    this.args = args
    this.port = port
    this.dir = dir
    this.host = `127.0.0.1:${port}`
    this.url = `http://${this.host}`
    this.ws = `ws://${this.host}/ws`
    this.process = null
    this.earlierOutput = ''
  }

  get databaseFile () { return path.join(this.dir, 't.db') }

  get output () { return this.earlierOutput + (this.process?.output ?? '') }

  async start () {
    if (this.process) this.earlierOutput += this.process.output
    this.process = new Process(
      ['--urls', this.url, `--CoEdit:Storage:ConnectionString=Data Source=${this.databaseFile}`, ...this.args], this.dir)
    await until(async () => {
      if (this.process.ended) throw new Error(`The server ended during its start: ${JSON.stringify(this.process.ended)}\n${this.process.output}`)
      try {
        return (await fetch(`${this.url}/healthz/ready`)).status === 200
      } catch {
        return false // nobody listens yet
      }
    }, 'the server to become ready', READY_MS, () => this.process.output)
    return this
  }

  /** Ends the process: SIGTERM for an orderly stop, SIGKILL for a crash. */
  async kill (signal = 'SIGKILL') { return this.process.kill(signal) }

  async restart (signal = 'SIGKILL') {
    const end = await this.kill(signal)
    await this.start()
    return end
  }

  /** Stops for good, removes the data, and complains about anything that would have taken the process down. */
  async stop () {
    if (this.process && !this.process.ended) await this.kill('SIGTERM')
    fs.rmSync(this.dir, { recursive: true, force: true })
    if (/Unhandled exception/i.test(this.output)) throw new Error(`The server had an unhandled exception:\n${this.output}`)
  }

  /** The API address of a document; `name` is the plain name. */
  api (name, rest = '') { return `${this.url}/api/v1/documents/${encodeURIComponent(name)}${rest}` }

  /** The stored document as one update. */
  async state (name) {
    const response = await fetch(this.api(name, '/state'))
    if (response.status !== 200) throw new Error(`GET state of ${name}: ${response.status} ${await response.text()}`)
    return new Uint8Array(await response.arrayBuffer())
  }

  /** Metadata of a document, or null when the server answers 404. */
  async metadata (name) {
    const response = await fetch(this.api(name))
    if (response.status === 404) return null
    if (response.status !== 200) throw new Error(`GET ${name}: ${response.status} ${await response.text()}`)
    return response.json()
  }

  async delete (name) { return fetch(this.api(name), { method: 'DELETE' }) }

  /** The listed documents, all pages together. */
  async list () {
    const documents = []
    let next = null
    do {
      const url = new URL(`${this.url}/api/v1/documents`)
      if (next !== null) url.searchParams.set('after', next)
      const page = await (await fetch(url)).json()
      documents.push(...page.documents)
      next = page.next ?? null
    } while (next !== null)
    return documents
  }
}

/** A started server on a free port with an empty database. `args` are further command-line arguments. */
export const startServer = async (...args) => {
  const server = new Server({ args, port: await freePort(), dir: makeTempDir() })
  try {
    return await server.start()
  } catch (error) {
    if (server.process && !server.process.ended) await server.kill()
    fs.rmSync(server.dir, { recursive: true, force: true })
    throw error
  }
}
