import { baseKeymap } from 'prosemirror-commands'
import { keymap } from 'prosemirror-keymap'
import { schema } from 'prosemirror-schema-basic'
import { EditorState } from 'prosemirror-state'
import { EditorView } from 'prosemirror-view'
import { initProseMirrorDoc, redo, undo, yCursorPlugin, ySyncPlugin, yUndoPlugin } from 'y-prosemirror'
import { createProvider, doc, host, ready } from './session.js'

const fragment = doc.getXmlFragment('prosemirror')
const provider = createProvider()
const { doc: initial, mapping } = initProseMirrorDoc(fragment, schema)
const view = new EditorView(host, {
  state: EditorState.create({
    doc: initial,
    plugins: [
      ySyncPlugin(fragment, { mapping }),
      yCursorPlugin(provider.awareness),
      yUndoPlugin(),
      keymap({ 'Mod-z': undo, 'Mod-y': redo }),
      keymap(baseKeymap)
    ]
  })
})
ready(() => view.state.doc.textBetween(0, view.state.doc.content.size, '\n'))
