import { existsSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundle } from './bundle.js'
import type { train } from './page.js'

const executablePath = '/usr/bin/chromium'
const found = existsSync(executablePath)
if (!found) console.warn(`no browser test: expected Chromium at ${executablePath}, found none. Install it.`)

/** What the page needs: the example, and the comparison with other programs. */
const entry = `
  import * as tf from '@tensorflow/tfjs-core'
  import { measureReference } from '../../packages/testing/src/measure-reference.js'
  import { referenceSubject as layers } from '../../packages/layers/tests/reference-subject.js'
  import { referenceSubject as regularizers } from '../../packages/regularizers/tests/reference-subject.js'
  import layersTorch from '../../packages/layers/fixtures/torch-references.json'
  import layersKeras from '../../packages/layers/fixtures/keras-references.json'
  import regularizersTorch from '../../packages/regularizers/fixtures/torch-references.json'
  import { train } from './page.ts'
  globalThis.train = train
  // The gradients compile hundreds of shaders; the training above goes through them.
  const valuesOnly = ({ penaltyGradients, ...reference }) => ({
    ...reference,
    inputGradients: reference.inputs.map(() => null),
    weightGradients: {},
  })
  globalThis.measure = async () => {
    await tf.setBackend('webgl')
    const cases = [...layersTorch, ...layersKeras].map((reference) => [reference, layers])
    for (const reference of regularizersTorch) cases.push([reference, regularizers])
    return cases.map(([reference, subject]) => ({
      name: reference.name,
      error: measureReference(valuesOnly(reference), subject(reference)).values,
      size: Math.max(1, ...reference.outputs.flatMap(({ values }) => values.map(Math.abs))),
    }))
  }
`

describe.skipIf(!found)('in a real browser, on WebGL', () => {
  let browser: Browser
  let page: Page
  const problems: string[] = []

  beforeAll(async () => {
    const args = ['--no-sandbox', '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader']
    browser = await chromium.launch({ executablePath, args: [...args, '--disable-background-networking'] })
    page = await browser.newPage()
    page.on('pageerror', (error) => problems.push(String(error)))
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()))
    await page.addScriptTag({ content: await bundle(entry) })
  })
  afterAll(() => browser?.close())

  test('a model of these layers trains, and leaves no tensor behind', { timeout: 300_000 }, async () => {
    const result = await page.evaluate<Awaited<ReturnType<typeof train>>>('train(80)')
    expect(problems).toEqual([])
    expect(result.backend).toBe('webgl')
    expect(result.losses.every(Number.isFinite)).toBe(true)
    expect(Math.min(...result.losses.slice(-10))).toBeLessThan(result.lossOfTheMean)
    expect(result.leakedTensors).toBe(0)
    expect(Object.keys(result.penalties).length).toBeGreaterThanOrEqual(6)
  })

  test('every layer has the values of the other programs', { timeout: 300_000 }, async () => {
    type Measured = { name: string; error: number; size: number }[]
    const measured = await page.evaluate<Measured>('measure()')
    expect(problems).toEqual([])
    expect(measured.length).toBeGreaterThan(60)
    for (const { name, error, size } of measured) {
      // A GPU may round exp, log and division less exactly than IEEE 754.
      expect(error, name).toBeLessThan(1e-3 * size)
    }
  })
})
