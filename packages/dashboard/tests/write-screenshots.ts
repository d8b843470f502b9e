// Takes the pictures of the README: npm run screenshots -w @dlkit/dashboard
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BrowserContextOptions, chromium } from 'playwright-core'
import sharp from 'sharp'
import { dashboard } from '../src/index.js'
import { writeDemoRuns } from './demo-runs.js'

const folder = mkdtempSync(join(tmpdir(), 'dlkit-runs-'))
await writeDemoRuns(folder)
const { url, close } = await dashboard({ folder })
const chrome = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
})

async function take(name: string, view: string, options: BrowserContextOptions): Promise<void> {
  const page = await chrome.newPage(options)
  await page.goto(`${url}#smoothing=0.8`)
  await page.locator('.chart').first().waitFor()
  await page.getByRole('tab', { name: view }).click()
  await page.waitForTimeout(1000)
  const picture = await page.screenshot()
  const file = fileURLToPath(new URL(`../${name}`, import.meta.url))
  await sharp(picture).png({ palette: true, quality: 90, effort: 10 }).toFile(file)
  await page.close()
}

await take('desktop.png', 'Curves', { viewport: { width: 1180, height: 720 }, colorScheme: 'light' })
await take('phone-dark.png', 'Samples', { viewport: { width: 390, height: 844 }, colorScheme: 'dark' })
await chrome.close()
await close()
rmSync(folder, { recursive: true })
