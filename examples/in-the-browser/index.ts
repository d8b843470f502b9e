// Writes dist/index.html, a page that trains on the GPU when it is opened; npm start -w example-in-the-browser.
import { mkdirSync, writeFileSync } from 'node:fs'
import { bundle } from './bundle.js'

const script = await bundle(`
  import { train } from './page.ts'
  const show = (text) => { document.querySelector('pre').textContent += text + '\\n' }
  train(100).then((result) => show(JSON.stringify(result, null, 2)), (error) => show(String(error)))
`)
const page = `<!doctype html>
<meta charset="utf-8">
<title>dlkit in the browser</title>
<pre>Training on WebGL; the first step compiles the shaders …
</pre>
<script>${script.replaceAll('</script', '<\\/script')}</script>
`
const folder = new URL('dist/', import.meta.url)
mkdirSync(folder, { recursive: true })
writeFileSync(new URL('index.html', folder), page)
console.log(
  `Open examples/in-the-browser/dist/index.html in a browser (${(page.length / 1e6).toFixed(1)} MB).`,
)
