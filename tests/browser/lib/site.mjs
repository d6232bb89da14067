// Bundles the editor pages and serves them, from an origin of their own as an application would.
import { build } from 'esbuild'
import fs from 'node:fs'
import http from 'node:http'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const sources = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../editors')

const page = name => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${name}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${name}.css">
<style>
  #editor { height: 300px; border: 1px solid #888 }
  [contenteditable] { min-height: 200px }
  /* y-codemirror leaves the looks of its carets to the page. */
  .remote-caret { position: absolute; border-left: 2px solid; height: 1.2em; pointer-events: none }
  .remote-caret > div { position: absolute; top: -1em; font-size: 10px }
</style>
<div id="editor"></div>
<script type="module" src="${name}.js"></script>
</html>
`

const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.ttf': 'font/ttf' }

/**
 * Builds the pages of `editors` into a temporary folder and serves that folder on a free port.
 * @param {string[]} editors names of files in editors/, without extension
 * @returns {Promise<{ url: string, close: () => void }>}
 */
export const serveEditors = async editors => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'coedit-editors-'))
  const source = name => ['.js', '.jsx'].map(extension => path.join(sources, name + extension)).find(file => fs.existsSync(file))
  await build({
    entryPoints: Object.fromEntries([...editors, 'monaco-worker'].map(name => [name, source(name)])),
    outdir: dir,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    loader: { '.ttf': 'file' },
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'warning'
  })
  for (const name of editors) {
    fs.writeFileSync(path.join(dir, `${name}.html`), page(name))
    const css = path.join(dir, `${name}.css`)
    if (!fs.existsSync(css)) fs.writeFileSync(css, '')
  }
  const server = http.createServer((request, response) => {
    const file = path.join(dir, path.basename(new URL(request.url, 'http://localhost').pathname))
    if (!fs.existsSync(file) || !fs.statSync(file).isFile()) {
      response.writeHead(404).end()
      return
    }
    response.writeHead(200, { 'Content-Type': types[path.extname(file)] ?? 'application/octet-stream' })
    fs.createReadStream(file).pipe(response)
  })
  await new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close: () => {
      server.close()
      server.closeAllConnections()
      fs.rmSync(dir, { recursive: true, force: true })
    }
  }
}
