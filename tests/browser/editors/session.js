// What all the editor pages share: one document and its provider, told by the address of the page.
import * as Y from 'yjs'
import { WebsocketProvider } from 'y-websocket'

const params = new URLSearchParams(location.search)

export const user = { name: params.get('user'), color: params.get('color') }
export const doc = new Y.Doc()
export const host = document.getElementById('editor')

/** The stock provider; `options` for editors that want to connect by themselves. */
export const createProvider = (options = {}) => {
  const provider = new WebsocketProvider(params.get('server'), params.get('document'), doc, options)
  provider.awareness.setLocalStateField('user', user)
  window.provider = provider
  return provider
}

/** Tells the test how to read the editor's own idea of the text, one `\n` between lines. */
export const ready = text => { window.editorText = text }
