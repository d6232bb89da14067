// Another client in the room, driven by the test and as ill-mannered as it wants.
import * as Y from 'yjs'
import { WebsocketProvider } from 'y-websocket'
import { until } from '../../interop/lib/until.mjs'

/** Joins a document as `user` with the stock provider (over the WebSocket of Node 22, or `ws` of Node 20). */
export const joinAs = async (t, server, name, user) => {
  const { WebSocket } = globalThis.WebSocket ? globalThis : await import('ws')
  const doc = new Y.Doc()
  const provider = new WebsocketProvider(server.ws, encodeURIComponent(name), doc, { WebSocketPolyfill: WebSocket, disableBc: true })
  t.after(() => {
    provider.destroy()
    doc.destroy()
  })
  provider.awareness.setLocalStateField('user', user)
  await until(() => provider.synced, 'the peer to sync')
  return {
    doc,
    /** Puts the cursor to the beginning of a root text. */
    pointAt: root => {
      const position = Y.createRelativePositionFromTypeIndex(doc.getText(root), 0)
      provider.awareness.setLocalStateField('cursor', { anchor: position, head: position })
    }
  }
}
