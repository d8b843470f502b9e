import { existsSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const executablePath = '/usr/bin/chromium'
const args = [
  '--no-sandbox',
  '--disable-background-networking',
  '--use-gl=angle',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
]
const pathOf = (path: string) => fileURLToPath(new URL(path, import.meta.url))

interface Result {
  error?: string
  backend: string
  leaked: number
  steps: number
  rules: string[]
  layers: string[]
}

describe.skipIf(!existsSync(executablePath))('in a browser, on webgl,', () => {
  let browser: Browser
  let script: string
  beforeAll(async () => {
    const conditions = ['@dlkit/source', 'browser', 'import', 'default']
    const options = { bundle: true, format: 'iife', write: false, conditions, logLevel: 'silent' } as const
    const { outputFiles } = await build({
      ...options,
      entryPoints: [pathOf('../tests/page.ts')],
      define: { global: 'globalThis' },
    })
    script = outputFiles[0]!.text
    browser = await chromium.launch({ executablePath, args })
  })
  afterAll(() => browser?.close())

  test('a monitor finds the fault, draws its panel and leaves no tensor behind', async () => {
    const tab = await browser.newPage({ viewport: { width: 720, height: 560 }, deviceScaleFactor: 1.5 })
    const problems: string[] = []
    tab.on('pageerror', (error) => problems.push(String(error)))
    await tab.setContent('<body style="margin:12px;background:#fff"><div id="monitor"></div></body>')
    await tab.addScriptTag({ content: script })
    await tab.waitForFunction('globalThis.result !== undefined', undefined, { timeout: 55_000 })
    const result = await tab.evaluate<Result>('globalThis.result')
    expect(result.error).toBeUndefined()
    expect(result).toMatchObject({ backend: 'webgl', leaked: 0, steps: 60 })
    expect(result.rules).toContain('data-scale')
    const panel = tab.locator('.dlkit-monitor')
    expect(await panel.locator('polyline').count()).toBeGreaterThan(0)
    expect(await panel.locator('table tr').count()).toBe(4)
    expect(await panel.locator('.dlkit-finding').first().textContent()).toContain('The inputs are not scaled')
    expect(problems).toEqual([])
    // SCREENSHOT=1 renews the picture of the README.
    if (process.env.SCREENSHOT) writeFileSync(pathOf('../panel.png'), await panel.screenshot())
  })
})
