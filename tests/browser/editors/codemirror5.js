import CodeMirror from 'codemirror'
import 'codemirror/lib/codemirror.css'
import { CodemirrorBinding } from 'y-codemirror'
import * as Y from 'yjs'
import { createProvider, doc, host, ready } from './session.js'

const text = doc.getText('codemirror')
const provider = createProvider()
const editor = CodeMirror(host, { lineNumbers: true })
window.binding = new CodemirrorBinding(text, editor, provider.awareness, { yUndoManager: new Y.UndoManager(text) })
ready(() => editor.getValue())
