import Quill from 'quill'
import 'quill/dist/quill.snow.css'
import QuillCursors from 'quill-cursors'
import { QuillBinding } from 'y-quill'
import { createProvider, doc, host, ready } from './session.js'

Quill.register('modules/cursors', QuillCursors)
const quill = new Quill(host, { theme: 'snow', modules: { cursors: true, toolbar: [['bold', 'italic']], history: { userOnly: true } } })
window.binding = new QuillBinding(doc.getText('quill'), quill, createProvider().awareness)
ready(() => quill.getText().replace(/\n$/, ''))
