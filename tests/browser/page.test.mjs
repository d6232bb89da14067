// The server's own page, used as people use it: two browsers, one document, a server that dies in between.
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { startServer } from '../interop/lib/server.mjs'
import { until } from '../interop/lib/until.mjs'
import { launch, openContext, picturesOnFailure, screenshot } from './lib/browser.mjs'
import { joinAs } from './lib/peer.mjs'

let server
let browser
before(async () => {
  server = await startServer()
  browser = await launch()
})
after(async () => {
  await browser?.close()
  await server?.stop()
})
beforeEach(async () => { if (server.process.ended) await server.start() })

const open = async (t, { path = '/', ...options } = {}) => {
  const page = await openContext(t, browser, server.url, options)
  await page.goto(server.url + path)
  return page
}

const addressOf = name => `/#/doc/${encodeURIComponent(name)}`

const synced = page => page.waitForFunction(() => window.coedit?.provider?.synced)

const editorOf = page => page.getByTestId('editor')

const remoteCaret = page => page.locator('.cm-ySelectionCaret').first()

/** What the editor shows, without what stands in an empty document. */
const shownText = page => page.evaluate(() => [...document.querySelectorAll('[data-testid=editor] .cm-line')].map(line => {
  const copy = line.cloneNode(true)
  for (const widget of copy.querySelectorAll('.cm-placeholder, .cm-widgetBuffer')) widget.remove()
  return copy.textContent
}).join('\n'))

const showing = async (pages, expected) => {
  let shown
  await until(async () => (shown = await Promise.all(pages.map(shownText))).every(text => text === expected),
    `all pages to show ${JSON.stringify(expected)}`, 20_000, () => `They show ${JSON.stringify(shown)}.`)
}

const connectionState = async page => (await page.getByTestId('conn-state').innerText()).trim()

const presenceShows = (page, name) => page.getByTestId('presence-item').filter({ hasText: name }).first().waitFor({ state: 'attached' })

const introduce = async (page, name) => {
  await page.getByTestId('my-name').fill(name)
  await page.getByTestId('my-name').press('Tab')
}

const assertClean = pages => {
  for (const page of pages) {
    assert.deepEqual(page.errors, [], 'uncaught exceptions')
    assert.deepEqual(page.violations, [], 'violations of the content security policy')
    assert.deepEqual(page.foreignRequests, [], 'requests to other hosts')
  }
}

test('Two browsers write one document, see each other, and both survive a crash of the server', async t => {
  const name = 'Two tabs, one document'
  const ada = await open(t)
  const pages = [ada]
  await picturesOnFailure(pages, 'two-browsers', async () => {
    await ada.getByTestId('doc-list').waitFor({ state: 'attached' })
    await ada.getByTestId('new-name').fill(name)
    await ada.getByTestId('new-create').click()
    await ada.waitForURL(url => url.hash.startsWith('#/doc/'))
    assert.equal(decodeURIComponent(new URL(ada.url()).hash), `#/doc/${name}`)
    const bob = await open(t, { path: addressOf(name) })
    pages.push(bob)
    for (const page of pages) await synced(page)
    const connected = await Promise.all(pages.map(connectionState))

    await introduce(ada, 'Ada Lovelace')
    await introduce(bob, 'Bob Ross')
    await presenceShows(ada, 'Bob Ross')
    await presenceShows(bob, 'Ada Lovelace')
    assert.ok(await ada.getByTestId('presence-item').count() >= 1)

    await editorOf(ada).click()
    await ada.keyboard.type('one')
    await ada.keyboard.press('Enter')
    await ada.keyboard.type('two')
    await showing(pages, 'one\ntwo')
    await editorOf(bob).click()
    await Promise.all([ada.keyboard.press('Control+Home'), bob.keyboard.press('Control+End')])
    await Promise.all([ada.keyboard.type('Ada was here, ', { delay: 15 }), bob.keyboard.type(' and so was Bob', { delay: 15 })])
    await showing(pages, 'Ada was here, one\ntwo and so was Bob')
    for (const page of pages) await remoteCaret(page).waitFor({ state: 'attached' })
    await screenshot(ada, 'page-two-browsers-ada')
    await screenshot(bob, 'page-two-browsers-bob')

    await server.kill('SIGKILL')
    for (const [i, page] of pages.entries()) {
      await until(async () => await connectionState(page) !== connected[i], 'the page to say that the connection is gone')
    }
    await screenshot(ada, 'page-offline')
    await Promise.all([ada.keyboard.type('is here, ', { delay: 5 }), bob.keyboard.type(', offline too', { delay: 5 })])
    await showing([ada], 'Ada was here, is here, one\ntwo and so was Bob')
    await showing([bob], 'Ada was here, one\ntwo and so was Bob, offline too')
    await server.start()
    const text = 'Ada was here, is here, one\ntwo and so was Bob, offline too'
    await showing(pages, text)
    for (const [i, page] of pages.entries()) {
      await until(async () => await connectionState(page) === connected[i], 'the page to say that the connection is back')
    }
    await presenceShows(ada, 'Bob Ross')
    await presenceShows(bob, 'Ada Lovelace')
    for (const page of pages) await remoteCaret(page).waitFor({ state: 'attached' })

    for (const page of pages) {
      await page.reload()
      await synced(page)
    }
    await showing(pages, text)
    // The page remembers who its user is.
    assert.equal(await ada.getByTestId('my-name').inputValue(), 'Ada Lovelace')

    const zoe = await open(t)
    pages.push(zoe)
    const row = zoe.getByTestId('doc-row').filter({ hasText: name })
    await row.waitFor()
    await screenshot(zoe, 'page-list')
    await row.getByTestId('doc-open').click()
    await synced(zoe)
    await showing([zoe], text)
    assertClean(pages)
  })
})

test('A document whose text came from elsewhere survives the end of everything but the database', async t => {
  const name = 'restart/with nobody connected'
  const page = await open(t, { path: addressOf(name) })
  await picturesOnFailure([page], 'restart', async () => {
    await synced(page)
    await editorOf(page).click()
    await page.keyboard.type('still there tomorrow')
    await until(async () => (await server.metadata(name))?.size > 20, 'the text to be stored')
    await page.context().close()
    await server.restart('SIGTERM')
    const next = await open(t, { path: addressOf(name) })
    await synced(next)
    await showing([next], 'still there tomorrow')
    assertClean([next])
  })
})

test('Names with spaces, slashes, percent signs and other scripts are created, listed and opened', async t => {
  const names = ['Заметки / день 1', '100% sure?', 'a+b & c#d', '日本語', 'ends with dots...']
  const page = await open(t)
  await picturesOnFailure([page], 'names', async () => {
    for (const name of names) {
      await page.goto(`${server.url}/#/`)
      await page.getByTestId('new-name').fill(name)
      await page.getByTestId('new-create').click()
      await synced(page)
      await editorOf(page).click()
      await page.keyboard.type(`text of ${name}`)
      await until(async () => (await server.list()).some(document => document.name === name), `${name} to be listed by the server`)
    }
    const other = await open(t)
    for (const name of names) {
      await other.goto(`${server.url}/#/`)
      const row = other.getByTestId('doc-row').filter({ hasText: name })
      await row.getByTestId('doc-open').click()
      await synced(other)
      await showing([other], `text of ${name}`)
    }
    assertClean([page, other])
  })
})

test('Going from one document to another and back leaves no connection behind', async t => {
  const page = await open(t, { path: addressOf('first of two') })
  await picturesOnFailure([page], 'navigation', async () => {
    await synced(page)
    await editorOf(page).click()
    await page.keyboard.type('first')
    await page.goto(server.url + addressOf('second of two'))
    await until(async () => (await shownText(page)) === '', 'the second document')
    await synced(page)
    await editorOf(page).click()
    await page.keyboard.type('second')
    await until(async () => (await server.metadata('second of two'))?.openPeers === 1, 'the second to be open')
    await until(async () => (await server.metadata('first of two'))?.openPeers === 0, 'the first to be left')
    await page.goBack()
    await showing([page], 'first')
    await until(async () => (await server.metadata('second of two')).openPeers === 0, 'the second to be left')
    await page.goto(`${server.url}/#/`)
    await page.getByTestId('doc-row').first().waitFor()
    await until(async () => (await server.metadata('first of two')).openPeers === 0, 'the first to be left again')
    assertClean([page])
  })
})

test('A document that somebody deletes stays readable where it is open, and does not come back by itself', async t => {
  const name = 'to be deleted'
  const reader = await open(t, { path: addressOf(name) })
  const deleter = await open(t)
  await picturesOnFailure([reader, deleter], 'deletion', async () => {
    await synced(reader)
    await editorOf(reader).click()
    await reader.keyboard.type('read me while you can')
    const row = deleter.getByTestId('doc-row').filter({ hasText: name })
    await until(async () => (await server.metadata(name))?.size > 20, 'the text to be stored')
    await deleter.reload()
    await row.getByTestId('doc-delete').click()
    await deleter.getByTestId('confirm-agree').click()
    await row.waitFor({ state: 'detached' })
    await reader.getByTestId('notice').waitFor()
    await screenshot(reader, 'page-deleted')
    assert.equal(await shownText(reader), 'read me while you can')
    assert.equal(await reader.evaluate(() => window.coedit.provider.shouldConnect), false)

    const next = await open(t, { path: addressOf(name) })
    await synced(next)
    assert.equal(await shownText(next), '')
    await editorOf(next).click()
    await next.keyboard.type('a new beginning')
    await until(async () => (await server.metadata(name))?.size > 15, 'the new text to be stored')
    assert.equal(await shownText(reader), 'read me while you can')
    await reader.reload()
    await synced(reader)
    await showing([reader, next], 'a new beginning')
    assertClean([reader, deleter, next])
  })
})

test('Names of documents and people are text, whatever they contain', async t => {
  const markup = '<img src=x onerror="hacked=1">'
  const author = await joinAs(t, server, markup, { name: markup, color: 'red;background:url(https://evil.example/seen.png)' })
  author.doc.getText('anything').insert(0, 'x')
  const page = await open(t)
  await picturesOnFailure([page], 'markup', async () => {
    const row = page.getByTestId('doc-row').filter({ hasText: markup })
    await row.waitFor()
    await row.getByTestId('doc-open').click()
    await synced(page)
    await presenceShows(page, markup)
    await editorOf(page).click()
    await page.keyboard.type('something to point at')
    // The other's caret is put into the text as a real editor would put it there; the text is the root that now has 21 characters.
    author.pointAt(await page.evaluate(() => [...window.coedit.doc.share].find(([, type]) => type.length === 21)[0]))
    await remoteCaret(page).waitFor({ state: 'attached' })
    assert.equal(await page.evaluate(() => window.hacked), undefined)
    assert.equal(await page.locator('img[src=x]').count(), 0)
    assertClean([page])
  })
})

test('The page carries its security headers', async () => {
  const response = await fetch(server.url)
  const policy = response.headers.get('content-security-policy') ?? ''
  await response.text()
  for (const directive of [/default-src 'self'/, /connect-src 'self' ws: wss:/, /frame-ancestors 'none'/, /base-uri 'none'/, /object-src 'none'/]) {
    assert.match(policy, directive)
  }
  assert.doesNotMatch(policy, /script-src[^;]*unsafe|unsafe-eval/)
  assert.equal(response.headers.get('x-content-type-options'), 'nosniff')
})

test('The page fits a phone and follows the dark scheme', async t => {
  const name = 'Two tabs, one document'
  for (const [label, options] of [
    ['dark', { colorScheme: 'dark' }],
    ['phone', { viewport: { width: 360, height: 740 }, hasTouch: true }],
    ['phone-dark', { viewport: { width: 360, height: 740 }, colorScheme: 'dark' }]
  ]) {
    const page = await open(t, options)
    await page.getByTestId('doc-row').first().waitFor()
    await screenshot(page, `page-list-${label}`)
    const widths = () => page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth])
    const [listWidth, window1] = await widths()
    assert.ok(listWidth <= window1, `${label}: the list is ${listWidth} wide in ${window1}`)
    await page.goto(server.url + addressOf(name))
    await synced(page)
    await screenshot(page, `page-editor-${label}`)
    const [editorWidth, window2] = await widths()
    assert.ok(editorWidth <= window2, `${label}: the editor is ${editorWidth} wide in ${window2}`)
    assertClean([page])
  }
})

test('Everything can be done with the keyboard', async t => {
  const name = 'typed, not clicked'
  const page = await open(t)
  await picturesOnFailure([page], 'keyboard', async () => {
    await page.getByTestId('doc-list').waitFor({ state: 'attached' })
    const focused = id => page.evaluate(id => document.activeElement?.closest(`[data-testid="${id}"]`) !== null, id)
    const tabTo = async (id, key = 'Tab') => {
      for (let i = 0; i < 60; i++) {
        if (await focused(id)) return
        await page.keyboard.press(key)
      }
      assert.fail(`60 × ${key} did not reach ${id}`)
    }
    await tabTo('new-name')
    await page.keyboard.type(name)
    await page.keyboard.press('Enter')
    await page.waitForURL(url => url.hash.startsWith('#/doc/'))
    await synced(page)
    await tabTo('editor')
    await page.keyboard.type('hello')
    await showing([page], 'hello')
    await page.goto(`${server.url}/#/`)
    await page.getByTestId('doc-row').filter({ hasText: name }).waitFor()
    await tabTo('doc-open')
    assertClean([page])
  })
})
