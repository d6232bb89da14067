import { Editor } from '@tiptap/core'
import Collaboration from '@tiptap/extension-collaboration'
import CollaborationCaret from '@tiptap/extension-collaboration-caret'
import StarterKit from '@tiptap/starter-kit'
import { createProvider, doc, host, ready, user } from './session.js'

const provider = createProvider()
const editor = new Editor({
  element: host,
  extensions: [
    StarterKit.configure({ undoRedo: false }),
    Collaboration.configure({ document: doc }),
    CollaborationCaret.configure({ provider, user })
  ]
})
ready(() => editor.getText({ blockSeparator: '\n' }))
