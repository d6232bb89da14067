// Seven editors with their published bindings, typed into by two browser contexts at once, through a crash of the server.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startServer } from '../interop/lib/server.mjs'
import { until } from '../interop/lib/until.mjs'
import { launch, openContext, picturesOnFailure, screenshot } from './lib/browser.mjs'
import { serveEditors } from './lib/site.mjs'

// `focus` is what a user clicks to type; `caret` is how the binding shows somebody else's cursor.
const editors = {
  codemirror6: { title: 'CodeMirror 6', focus: '.cm-content', caret: '.cm-ySelectionCaret' },
  tiptap: { title: 'TipTap 3', focus: '.ProseMirror', caret: '.collaboration-carets__caret' },
  prosemirror: { title: 'ProseMirror', focus: '.ProseMirror', caret: '.ProseMirror-yjs-cursor' },
  quill: { title: 'Quill 2', focus: '.ql-editor', caret: '.ql-cursor' },
  monaco: { title: 'Monaco', focus: '.monaco-editor .view-lines', caret: '.yRemoteSelectionHead' },
  lexical: { title: 'Lexical', focus: '[contenteditable]', caret: 'body > div:not(#editor) span' },
  codemirror5: { title: 'CodeMirror 5', focus: '.CodeMirror-scroll', caret: '.remote-caret' }
}

let server
let site
let browser
before(async () => {
  server = await startServer()
  site = await serveEditors(Object.keys(editors))
  browser = await launch()
})
after(async () => {
  await browser?.close()
  site?.close()
  await server?.stop()
})

const textOf = page => page.evaluate(() => window.editorText())

const showing = (pages, expected) => until(async () => (await Promise.all(pages.map(textOf))).every(text => text === expected),
  `all pages to show ${JSON.stringify(expected)}`, 20_000)
  .catch(async error => { throw new Error(`${error.message}\nThey show ${JSON.stringify(await Promise.all(pages.map(textOf)))}.`) })

const waitForSync = page => page.waitForFunction(() => window.provider?.synced && window.editorText)

// The browser tells an editor of a moved caret some frames later; a remote edit in between would put the caret back where it was.
const settled = page => page.evaluate(async () => {
  for (let frame = 0; frame < 4; frame++) await new Promise(requestAnimationFrame)
})

const click = async (page, { focus }) => page.locator(focus).first().click()

for (const [name, editor] of Object.entries(editors)) {
  test(`${editor.title}: two browsers type at once, reload, and survive a crash of the server`, async t => {
    const document = `editors/${name}`
    const open = async (user, first = false) => {
      const page = await openContext(t, browser, site.url)
      const query = new URLSearchParams({ server: server.ws, document, user, color: user === 'Ada' ? '#d9480f' : '#1971c2', first })
      await page.goto(`${site.url}/${name}.html?${query}`)
      await waitForSync(page)
      return page
    }
    const ada = await open('Ada', true)
    const bob = await open('Bob')
    const both = [ada, bob]
    await picturesOnFailure(both, name, async () => {
      await click(ada, editor)
      await ada.keyboard.type('one')
      await ada.keyboard.press('Enter')
      await ada.keyboard.type('two')
      await showing(both, 'one\ntwo')

      // One at the beginning, one at the end, at the same time, with the real keyboard.
      await click(bob, editor)
      await Promise.all([ada.keyboard.press('Control+Home'), bob.keyboard.press('Control+End')])
      await Promise.all(both.map(settled))
      await Promise.all([ada.keyboard.type('Ada was here, ', { delay: 15 }), bob.keyboard.type(' and so was Bob', { delay: 15 })])
      await showing(both, 'Ada was here, one\ntwo and so was Bob')
      for (const page of both) await page.locator(editor.caret).first().waitFor({ state: 'attached' })
      await screenshot(bob, `editor-${name}`)

      await bob.reload()
      await waitForSync(bob)
      await showing(both, 'Ada was here, one\ntwo and so was Bob')
      await click(bob, editor)
      await bob.keyboard.press('Control+End')

      await server.kill('SIGKILL')
      for (const page of both) await page.waitForFunction(() => !window.provider.wsconnected)
      await Promise.all([ada.keyboard.type('is here, ', { delay: 5 }), bob.keyboard.type(', offline too', { delay: 5 })])
      await showing([ada], 'Ada was here, is here, one\ntwo and so was Bob')
      await showing([bob], 'Ada was here, one\ntwo and so was Bob, offline too')
      await server.start()
      await showing(both, 'Ada was here, is here, one\ntwo and so was Bob, offline too')
      for (const page of both) await waitForSync(page)
      await Promise.all([ada.keyboard.type('still ', { delay: 5 }), bob.keyboard.type('!', { delay: 5 })])
      const final = 'Ada was here, is here, still one\ntwo and so was Bob, offline too!'
      await showing(both, final)

      const late = await open('Zoe')
      await showing([late], final)
      for (const page of [...both, late]) assert.deepEqual(page.errors, [])
    })
  })
}
