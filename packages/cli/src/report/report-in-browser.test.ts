import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeSampleRun } from '../../tests/sample-run.js'
import { writeReport } from './write-report.js'

const executablePath = '/usr/bin/chromium'

/** Runs in the page. */
const measure = `({
  overflow: document.documentElement.scrollWidth - innerWidth,
  emptyPictures: [...document.images].filter((picture) => picture.naturalWidth === 0).length,
  pictures: document.images.length,
  strokes: [...document.querySelectorAll('svg path[stroke^="var(--series"]')].map((path) => getComputedStyle(path).stroke),
  chartWidths: [...document.querySelectorAll('svg')].map((svg) => svg.getBoundingClientRect().width),
  ink: getComputedStyle(document.body).color,
})`

interface Measured {
  overflow: number
  emptyPictures: number
  pictures: number
  strokes: string[]
  chartWidths: number[]
  ink: string
}

describe.skipIf(!existsSync(executablePath))('in a browser the report', () => {
  let folder: string
  let url: string
  let chrome: Browser
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dlkit-browser-'))
    url = pathToFileURL((await writeReport(await writeSampleRun(join(folder, 'run')))).file).href
    chrome = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
  })
  afterAll(async () => {
    await chrome.close()
    await rm(folder, { recursive: true })
  })

  test.each([
    ['a phone, dark', { width: 360, height: 740 }, 'dark', 'rgb(232, 236, 238)'],
    ['a desktop, light', { width: 1280, height: 900 }, 'light', 'rgb(29, 35, 39)'],
  ] as const)(
    'on %s fetches nothing, fits the width and shows every picture and curve',
    async (_, viewport, colorScheme, ink) => {
      const tab = await chrome.newPage({ viewport, colorScheme })
      const requests: string[] = []
      const problems: string[] = []
      tab.on('request', (request) => requests.push(request.url()))
      tab.on('pageerror', (error) => problems.push(String(error)))
      tab.on('console', (message) => problems.push(message.text()))
      await tab.goto(url)
      const seen = await tab.evaluate<Measured>(measure)
      expect(requests.filter((request) => !request.startsWith('data:'))).toEqual([url])
      expect(problems).toEqual([])
      expect(seen).toMatchObject({ emptyPictures: 0, pictures: 5, ink })
      expect(seen.overflow).toBeLessThanOrEqual(0)
      expect(seen.strokes.length).toBeGreaterThan(2)
      expect(seen.strokes.filter((stroke) => !stroke.startsWith('rgb'))).toEqual([])
      expect(Math.min(...seen.chartWidths)).toBeGreaterThan(250)
    },
  )

  test('is printed light, whatever the screen is, with no chart or picture cut in two', async () => {
    const tab = await chrome.newPage({ colorScheme: 'dark' })
    await tab.goto(url)
    await tab.emulateMedia({ media: 'print', colorScheme: 'dark' })
    const seen = await tab.evaluate(`({
      ink: getComputedStyle(document.body).color,
      cut: [...document.querySelectorAll('.card, figure, .finding')].filter((part) => getComputedStyle(part).breakInside !== 'avoid').length,
    })`)
    expect(seen).toEqual({ ink: 'rgb(29, 35, 39)', cut: 0 })
    expect((await tab.pdf({ preferCSSPageSize: true })).length).toBeGreaterThan(10_000)
  })
})
