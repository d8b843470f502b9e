import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodePicture } from '@dlkit/data'
import axe from 'axe-core'
import { unzipSync } from 'fflate'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { hasBrowser, useBrowser } from '../../dashboard/tests/browser.js'
import { painter } from '../tests/painter.js'
import { ring, twoColours } from '../tests/pictures.js'
import { testModel } from '../tests/test-model.js'
import { exportPaint, type PaintModel, type PaintPicture, paint } from './index.js'

const BLUE = [77, 128, 230]
const RED = [226, 88, 62]
const INSIDE = [0.5, 0.5] as const

const near = (colour: readonly number[]) => colour.map((value) => expect.closeTo(value, -0.9))

describe.skipIf(!hasBrowser)('in a browser the page', () => {
  const openPage = useBrowser()
  let model: PaintModel
  beforeAll(async () => {
    model = await testModel()
  })

  async function start(picture?: PaintPicture) {
    const server = await paint({ model, ...(picture && { picture }) })
    onTestFinished(() => server.close())
    return server.url
  }

  test('takes a dropped drawing and strokes, undoes, redoes, saves, and has it all after a reload', async () => {
    const { page, problems } = await openPage(await start())
    const { drop, stroke, pixel, coloured } = painter(page)
    await drop('.empty', 'ring.png', await ring())
    expect(await coloured(0)).toMatch(/0 strokes, coloured in \d+ ms, runs on (\d threads|one thread)/)
    await expect.poll(() => pixel(...INSIDE), { timeout: 10_000 }).toEqual(near(BLUE))

    await stroke([0.45, 0.5], [0.55, 0.5])
    await coloured(1)
    await expect.poll(() => pixel(...INSIDE), { timeout: 10_000 }).toEqual(near(RED))
    await page.keyboard.press('Control+z')
    await coloured(0)
    await expect.poll(() => pixel(...INSIDE), { timeout: 10_000 }).toEqual(near(BLUE))
    await page.keyboard.press('Control+Shift+Z')
    await coloured(1)
    await expect.poll(() => pixel(...INSIDE), { timeout: 10_000 }).toEqual(near(RED))

    const saved = async (button: string) => {
      const download = page.waitForEvent('download')
      await page.getByRole('button', { name: button }).click()
      const file = await download
      return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) }
    }
    const png = await saved('Save PNG')
    expect(png.name).toBe('ring-painted.png')
    const picture = await decodePicture(png.name, png.bytes)
    expect([picture.width, picture.height]).toEqual([160, 120])
    expect([...picture.data.subarray(3 * (60 * 160 + 80)).subarray(0, 3)]).toEqual(near(RED))

    const layers = await saved('Save layers')
    const files = unzipSync(layers.bytes)
    expect(Buffer.from(files.mimetype!).toString()).toBe('image/openraster')
    const colours = await decodePicture('c.png', Buffer.from(files['data/colours.png']!))
    const lines = await decodePicture('d.png', Buffer.from(files['data/drawing.png']!))
    const product = colours.data.map((value, i) => Math.round((value * lines.data[i]!) / 255))
    const errors = product.map((value, i) => Math.abs(value - picture.data[i]!))
    expect(Math.max(...errors)).toBeLessThanOrEqual(1)

    await page.waitForTimeout(2_000)
    await page.reload()
    await coloured(1)
    await expect.poll(() => pixel(...INSIDE), { timeout: 10_000 }).toEqual(near(RED))

    await page.getByRole('button', { name: 'Remove strokes' }).click()
    await coloured(0)
    await drop('.sheet', layers.name, layers.bytes)
    await coloured(1)
    await expect.poll(() => pixel(...INSIDE), { timeout: 10_000 }).toEqual(near(RED))
    expect(problems).toEqual([])
  })

  test('paints with keys alone', async () => {
    const { page } = await openPage(await start({ name: 'ring.png', bytes: await ring() }))
    const { sheet, pixel, coloured } = painter(page)
    await coloured(0)
    await page.keyboard.press('4')
    await sheet.focus()
    await page.keyboard.press('Enter')
    await coloured(1)
    await expect.poll(() => pixel(...INSIDE), { timeout: 10_000 }).toEqual(near([122, 179, 83]))
    for (const key of ['ArrowLeft', ' ', 'Shift+ArrowLeft', 'Shift+ArrowLeft', 'ArrowUp', ' '])
      await page.keyboard.press(key)
    await coloured(2)
    await page.keyboard.press('Control+y')
    await page.keyboard.press('Control+z')
    await coloured(1)
  })

  test('takes colours from a reference picture, and paints in these alone', async () => {
    const { page, problems } = await openPage(await start({ name: 'ring.png', bytes: await ring() }))
    const { drop, pixel, coloured, stroke } = painter(page)
    await coloured(0)
    await drop('.reference', 'two.png', await twoColours())
    await page.locator('.reference canvas').click({ position: { x: 30, y: 10 } })
    await page.getByRole('button', { name: 'Paint with #0aa03c', pressed: true }).waitFor()
    await stroke([0.45, 0.5], [0.55, 0.5])
    await coloured(1)
    await expect.poll(() => pixel(...INSIDE), { timeout: 10_000 }).toEqual(near([10, 160, 60]))
    await page.getByRole('button', { name: 'Take #c81e14 from two.png' }).click()
    await page.keyboard.press('Control+z')
    await coloured(0)
    for (const { hex } of [{ hex: '#58b0e3' }, { hex: '#5b6fd6' }]) {
      await page.getByRole('button', { name: `Paint with ${hex}` }).click()
      await page.getByRole('button', { name: `Remove ${hex}` }).click()
    }
    await page.getByLabel('Only these colours').check()
    await expect.poll(() => pixel(...INSIDE)).not.toEqual(near(BLUE))
    const only = await pixel(...INSIDE)
    const offered = await page
      .locator('.swatches [aria-label^="Paint with"]')
      .evaluateAll((buttons) =>
        buttons.map((button) =>
          (button as { getAttribute(name: string): string }).getAttribute('aria-label'),
        ),
      )
    const chosen = `#${only.map((value) => value.toString(16).padStart(2, '0')).join('')}`
    expect(offered).toContain(`Paint with ${chosen}`)
    expect(problems).toEqual([])
  })

  test('says what is wrong with other files, and shows their names as text', async () => {
    const { page } = await openPage(await start())
    const { drop } = painter(page)
    const name = '<img src=x onerror="document.title=1">.png'
    await drop('.empty', name, Buffer.from('no picture'))
    const alert = page.getByRole('alert')
    await alert.filter({ hasText: `${name} is no picture that this browser can show.` }).waitFor()
    await drop('.empty', 'other.zip', Buffer.from('PK\u0003\u0004 and so on'))
    await alert.filter({ hasText: 'other.zip was not saved by this page.' }).waitFor()
    expect(await page.title()).toBe('Paint · dlkit')
  })

  test.each([
    ['a phone, dark', { viewport: { width: 360, height: 740 }, colorScheme: 'dark' }],
    ['a desktop, light', { viewport: { width: 1280, height: 800 }, colorScheme: 'light' }],
  ] as const)('on %s fits the width, and axe finds nothing', async (_, options) => {
    const { page } = await openPage(await start(), options)
    const { coloured, drop } = painter(page)
    await page.evaluate(axe.source)
    const look = async () => {
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
      const { violations } = await page.evaluate<axe.AxeResults>('axe.run()')
      expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([])
    }
    await look()
    await drop('.empty', 'ring.png', await ring())
    await drop('.reference', 'two.png', await twoColours())
    await coloured(0)
    await look()
  })

  test('works as files of a web server that knows nothing of it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'dlkit-paint-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    await exportPaint({ model, folder, picture: { name: 'ring.png', bytes: await ring() } })
    const types: Record<string, string> = {
      html: 'text/html',
      css: 'text/css',
      svg: 'image/svg+xml',
      wasm: 'application/wasm',
    }
    const server = createServer(({ url = '/' }, response) => {
      const name = url.replace('/below/', '') || 'index.html'
      const type =
        types[name.split('.').at(-1)!] ?? (/js$/.test(name) ? 'text/javascript' : 'application/octet-stream')
      response.setHeader('Content-Type', type).end(readFileSync(join(folder, name)))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const { page, problems } = await openPage(
      `http://127.0.0.1:${(server.address() as AddressInfo).port}/below/`,
    )
    const { coloured, pixel, stroke } = painter(page)
    expect(await coloured(0)).toContain('runs on one thread')
    await stroke([0.45, 0.5], [0.55, 0.5])
    await coloured(1)
    await expect.poll(() => pixel(...INSIDE), { timeout: 10_000 }).toEqual(near(RED))
    expect(problems).toEqual([])
  })
})
