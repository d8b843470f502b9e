import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { StandardScaler } from './standard-scaler.js'

const executablePath = '/usr/bin/chromium'
const rows = [
  [1, 200],
  [2.5, 500],
  [4, 100],
]

/** The package and TensorFlow.js as one script for browsers; an import of Node would be an error. */
async function bundle(): Promise<string> {
  const contents = `
    import '@tensorflow/tfjs-backend-cpu'
    export * as tf from '@tensorflow/tfjs-core'
    export * from './index.ts'`
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL('.', import.meta.url)) },
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'iife',
    globalName: 'dlkit',
    logLevel: 'silent',
  })
  return outputFiles[0]!.text
}

/** Runs in the page: continues with the state that Node saved. */
const use = `async (state) => {
  const { tf, scalerFromJSON, driftPicture } = dlkit
  const scaler = scalerFromJSON(state)
  const again = await new dlkit.StandardScaler().fit(new ReadableStream({
    start(stream) { stream.enqueue(${JSON.stringify(rows)}); stream.close() }
  }))
  document.body.innerHTML = driftPicture(await scaler.compare([[9, 150], [8, 250]]))
  return {
    scaled: [...scaler.transform(tf.tensor2d([[4, 100]])).dataSync()],
    state: JSON.stringify(again),
    bars: document.querySelectorAll('svg g rect').length,
    width: document.querySelector('svg').getBoundingClientRect().width,
  }
}`

test('the package bundles for browsers without anything of Node', async () => {
  expect((await bundle()).length).toBeGreaterThan(10_000)
})

describe.skipIf(!existsSync(executablePath))('in a browser', () => {
  let chrome: Browser
  beforeAll(async () => {
    chrome = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
  })
  afterAll(() => chrome.close())

  test('a state of Node is loaded, its hash agrees, and drift is drawn', async () => {
    const scaler = await new StandardScaler().fit(rows)
    const tab = await chrome.newPage()
    const problems: string[] = []
    tab.on('pageerror', (error) => problems.push(String(error)))
    await tab.addScriptTag({ content: await bundle() })
    const seen = await tab.evaluate<{ scaled: number[]; state: string; bars: number; width: number }>(
      `(${use})(${JSON.stringify(scaler)})`,
    )
    expect(problems).toEqual([])
    expect(seen.state).toBe(JSON.stringify(scaler))
    expect(seen.scaled[0]).toBeCloseTo((4 - scaler.mean[0]!) / scaler.std[0]!, 5)
    expect(seen.bars).toBeGreaterThan(4)
    expect(seen.width).toBe(560)
  })
})
