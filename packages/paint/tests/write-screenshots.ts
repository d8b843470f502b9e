// Takes the pictures of the README with a network that `dlkit paint --export SITE` wrote:
// npm run screenshots -w @dlkit/paint -- SITE DRAWING
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BrowserContextOptions, chromium } from 'playwright-core'
import sharp from 'sharp'
import { paint } from '../src/index.js'
import { painter } from './painter.js'

const [site, file] = process.argv.slice(2).map((path) => resolve(process.env.INIT_CWD ?? '.', path))
const settings = JSON.parse(readFileSync(join(site!, 'settings.json'), 'utf8'))
const bytes = await sharp(readFileSync(file!), { density: 600 })
  .resize(512, 512)
  .flatten({ background: '#fff' })
  .png()
  .toBuffer()
const model = { ...settings, onnx: readFileSync(join(site!, 'model.onnx')) }
const { url, close } = await paint({ model, picture: { name: 'fish.png', bytes } })
const chrome = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
})

async function take(name: string, options: BrowserContextOptions): Promise<void> {
  const page = await chrome.newPage(options)
  await page.goto(url)
  const { coloured, stroke } = painter(page)
  await coloured(0)
  await stroke([0.25, 0.58], [0.36, 0.58])
  await page.keyboard.press('3')
  await stroke([0.55, 0.5], [0.6, 0.6])
  await page.keyboard.press('5')
  await stroke([0.46, 0.26], [0.49, 0.24])
  await coloured(3)
  const picture = await page.screenshot()
  const path = fileURLToPath(new URL(`../${name}`, import.meta.url))
  await sharp(picture).png({ palette: true, quality: 90, effort: 10 }).toFile(path)
  await page.close()
}

await take('desktop.png', { viewport: { width: 1180, height: 720 }, colorScheme: 'light' })
await take('phone-dark.png', { viewport: { width: 390, height: 844 }, colorScheme: 'dark' })
await chrome.close()
await close()
