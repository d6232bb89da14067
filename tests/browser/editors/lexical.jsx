import { $getRoot } from 'lexical'
import { LexicalCollaboration } from '@lexical/react/LexicalCollaborationContext'
import { CollaborationPlugin } from '@lexical/react/LexicalCollaborationPlugin'
import { LexicalComposer } from '@lexical/react/LexicalComposer'
import { useLexicalComposerContext } from '@lexical/react/LexicalComposerContext'
import { ContentEditable } from '@lexical/react/LexicalContentEditable'
import { LexicalErrorBoundary } from '@lexical/react/LexicalErrorBoundary'
import { RichTextPlugin } from '@lexical/react/LexicalRichTextPlugin'
import { useEffect } from 'react'
import { createRoot } from 'react-dom/client'
import { createProvider, doc, host, ready, user } from './session.js'

/** Lexical wants exactly one client to write the first paragraph. */
const first = new URLSearchParams(location.search).get('first') === 'true'

const providerFactory = (id, docs) => {
  docs.set(id, doc)
  return createProvider({ connect: false })
}

const Reader = () => {
  const [editor] = useLexicalComposerContext()
  useEffect(() => {
    ready(() => editor.getEditorState().read(() => $getRoot().getChildren().map(block => block.getTextContent()).join('\n')))
  }, [editor])
  return null
}

createRoot(host).render(
  <LexicalCollaboration>
    <LexicalComposer initialConfig={{ namespace: 'coedit', editorState: null, nodes: [], onError: error => { throw error } }}>
      <RichTextPlugin contentEditable={<ContentEditable />} ErrorBoundary={LexicalErrorBoundary} />
      <CollaborationPlugin id='main' providerFactory={providerFactory} shouldBootstrap={first} username={user.name} cursorColor={user.color} />
      <Reader />
    </LexicalComposer>
  </LexicalCollaboration>
)
