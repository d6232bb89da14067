import { defaultKeymap } from '@codemirror/commands'
import { EditorState } from '@codemirror/state'
import { EditorView, keymap } from '@codemirror/view'
import * as Y from 'yjs'
import { yCollab, yUndoManagerKeymap } from 'y-codemirror.next'
import { createProvider, doc, host, ready } from './session.js'

const text = doc.getText('codemirror')
const provider = createProvider()
const view = new EditorView({
  state: EditorState.create({
    doc: text.toString(),
    extensions: [
      keymap.of([...yUndoManagerKeymap, ...defaultKeymap]),
      EditorView.lineWrapping,
      yCollab(text, provider.awareness, { undoManager: new Y.UndoManager(text) })
    ]
  }),
  parent: host
})
ready(() => view.state.doc.toString())
