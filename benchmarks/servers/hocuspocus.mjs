// A Hocuspocus server as its documentation shows it, with the SQLite extension: node hocuspocus.mjs PORT DATABASE
import { SQLite } from '@hocuspocus/extension-sqlite'
import { Server } from '@hocuspocus/server'

const [port, database] = process.argv.slice(2)
const server = new Server({ port: Number(port), address: '127.0.0.1', quiet: true, extensions: [new SQLite({ database })] })
await server.listen()
