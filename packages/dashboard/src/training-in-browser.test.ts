import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { hasBrowser, useBrowser } from '../tests/browser.js'
import { openDashboard, runsFolder } from '../tests/runs.js'

const SOON = { timeout: 20_000 }
const script = fileURLToPath(new URL('../tests/train-small.ts', import.meta.url))

/** Trains in a process of its own until the test ends. */
function startTraining(folder: string): ChildProcess {
  const child = spawn(process.execPath, ['--conditions=@dlkit/source', '--import=tsx', script, folder], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

describe.skipIf(!hasBrowser)('in a browser the dashboard', () => {
  const openPage = useBrowser()
  const stepOf = async (page: Page) =>
    Number(/step (\d+)/.exec((await page.textContent('nav li button')) ?? '')?.[1] ?? Number.NaN)
  const status = (page: Page, text: string) => page.locator('nav li', { hasText: text }).waitFor()
  const pictureOf = (page: Page) =>
    page.evaluate<string>(`document.querySelector('.chart canvas').toDataURL()`)

  test('follows a training: curves, samples, control, a restart of the server, a planted NaN', async () => {
    const folder = runsFolder()
    const run = join(folder, 'small')
    const child = startTraining(run)
    const first = await openDashboard({ folder, allowControl: true })
    const { page, problems } = await openPage(first.url)

    await page.locator('.chart', { hasText: 'loss' }).waitFor()
    const [before, stepBefore] = [await pictureOf(page), await stepOf(page)]
    await expect.poll(() => stepOf(page), SOON).toBeGreaterThan(stepBefore)
    await expect.poll(() => pictureOf(page), SOON).not.toBe(before)

    await page.keyboard.press('3')
    const slider = page.getByRole('slider', { name: 'Step', exact: true })
    await expect.poll(() => slider.getAttribute('max').then(Number), SOON).toBeGreaterThanOrEqual(2)
    await slider.focus()
    await page.keyboard.press('Home')
    await page.getByAltText('Samples at step 25; rows from the top: paper, grey').waitFor()
    await page.keyboard.press('ArrowRight')
    await page.getByAltText('Samples at step 50;').waitFor()
    await expect.poll(() => page.evaluate(`document.querySelector('#panel img').naturalWidth`), SOON).toBe(64)

    await page.getByRole('button', { name: 'Pause' }).click()
    await status(page, 'paused')
    const paused = readFileSync(join(run, 'metrics.jsonl'), 'utf8')
    await page.getByRole('button', { name: 'Checkpoint now' }).click()
    await expect.poll(() => existsSync(join(run, 'saved.json')), SOON).toBe(true)
    expect(readFileSync(join(run, 'metrics.jsonl'), 'utf8')).toBe(paused)
    await page.getByRole('button', { name: 'Resume' }).click()
    await status(page, 'running')

    await first.close()
    await page.getByText('connection lost').waitFor()
    const atRestart = await stepOf(page)
    const second = await openDashboard({ folder, allowControl: true, port: Number(new URL(first.url).port) })
    expect(second.url).toBe(first.url)
    await page.locator('.status', { hasText: 'live' }).waitFor()
    await expect.poll(() => stepOf(page), SOON).toBeGreaterThan(atRestart)

    writeFileSync(join(run, 'break'), '')
    await page.keyboard.press('2')
    const finding = page.locator('.finding.error').first()
    await finding.waitFor()
    expect(await finding.textContent()).toMatch(/non-finite.*→ .*learning rate/s)
    await page.locator('nav .badge.error').waitFor()
    await status(page, 'ended')
    await page.keyboard.press('1')
    await page.locator('.chart', { hasText: /loss.*NaN at step \d+/ }).waitFor()
    await page.keyboard.press('4')
    await page.getByRole('img', { name: /^Norm of the gradient of \d+ layers/ }).waitFor()

    const lost =
      /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE/
    expect(problems.filter((problem) => !lost.test(problem))).toEqual([])
    child.kill()
  })
})
