import * as monaco from 'monaco-editor/esm/vs/editor/editor.api.js'
import { MonacoBinding } from 'y-monaco'
import { createProvider, doc, host, ready } from './session.js'

self.MonacoEnvironment = { getWorker: () => new Worker('monaco-worker.js', { type: 'module' }) }
const provider = createProvider()
// Nothing that types on its own: the test counts characters.
const editor = monaco.editor.create(host, {
  value: '',
  language: 'plaintext',
  autoClosingBrackets: 'never',
  quickSuggestions: false,
  wordBasedSuggestions: 'off',
  automaticLayout: true
})
const model = editor.getModel()
model.setEOL(monaco.editor.EndOfLineSequence.LF)
window.binding = new MonacoBinding(doc.getText('monaco'), model, new Set([editor]), provider.awareness)
ready(() => model.getValue())
