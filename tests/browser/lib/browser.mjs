// Chromium, and pages that report what went wrong in them.
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

const artifacts = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../artifacts')

/** Debian's Chromium, or the one that COEDIT_CHROMIUM names. */
const executablePath = process.env.COEDIT_CHROMIUM ?? '/usr/bin/chromium'

export const launch = () => {
  if (!fs.existsSync(executablePath)) throw new Error(`No browser: ${executablePath} does not exist (install chromium, or set COEDIT_CHROMIUM).`)
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']
  })
}

/**
 * A page in a context of its own: two pages of one context would sync through BroadcastChannel, without any server.
 * What happens in it is collected in `page.errors` (uncaught exceptions), `page.violations` (of the content security policy)
 * and `page.foreignRequests` (to other hosts than `origin`).
 */
export const openContext = async (t, browser, origin, options = {}) => {
  const context = await browser.newContext(options)
  t.after(() => context.close())
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  page.errors = []
  page.violations = []
  page.foreignRequests = []
  page.on('pageerror', error => page.errors.push(error.stack ?? String(error)))
  page.on('console', message => { if (/content security policy/i.test(message.text())) page.violations.push(message.text()) })
  await page.exposeFunction('__reportViolation', text => page.violations.push(text))
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', event =>
      window.__reportViolation(`${event.violatedDirective}: ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`))
  })
  const { host } = new URL(origin)
  page.on('request', request => {
    const url = new URL(request.url())
    if (/^(http|ws)s?:$/.test(url.protocol) && url.host !== host) page.foreignRequests.push(request.url())
  })
  return page
}

/** Saves what the page looks like, for people to look at. */
export const screenshot = async (page, name) => {
  fs.mkdirSync(artifacts, { recursive: true })
  await page.screenshot({ path: path.join(artifacts, `${name}.png`) })
}

/** A test that fails leaves a picture of every page behind. */
export const picturesOnFailure = async (pages, name, body) => {
  try {
    return await body()
  } catch (error) {
    for (const [i, page] of pages.entries()) {
      await screenshot(page, `failed-${name}-${i}`).catch(() => { /* the page may be what failed */ })
      if (page.errors.length > 0) error.message += `\npage ${i}: ${page.errors.join('\n')}`
    }
    throw error
  }
}
