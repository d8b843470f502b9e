import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import axe from 'axe-core'
import { describe, expect, test } from 'vitest'
import { hasBrowser, useBrowser } from '../tests/browser.js'
import { writeDemoRuns } from '../tests/demo-runs.js'
import { openDashboard, runsFolder } from '../tests/runs.js'
import { writeRun } from '../tests/write-run.js'

const SOON = { timeout: 20_000 }
const TABS = ['Curves', 'Findings', 'Samples', 'Layers', 'Compare', 'Search']

describe.skipIf(!hasBrowser)('in a browser the page', () => {
  const openPage = useBrowser()

  test.each([
    ['a phone, dark', { viewport: { width: 360, height: 740 }, colorScheme: 'dark' }, 'rgb(232, 236, 238)'],
    ['a desktop, light', { viewport: { width: 1280, height: 900 }, colorScheme: 'light' }, 'rgb(29, 35, 39)'],
  ] as const)('on %s fits the width, and axe finds nothing in any view', async (_, options, ink) => {
    const folder = runsFolder()
    await writeDemoRuns(folder)
    const { url } = await openDashboard({ folder })
    const { page, problems } = await openPage(url, options)
    await page.locator('.chart').first().waitFor()
    await page.evaluate(axe.source)
    expect(await page.evaluate('getComputedStyle(document.body).color')).toBe(ink)
    for (const [index, tab] of TABS.entries()) {
      await page.keyboard.press(String(index + 1))
      await page.locator(`[role=tab][aria-selected=true]`, { hasText: tab }).waitFor()
      await page.locator('#panel :is(canvas, table, .finding)').first().waitFor()
      expect(
        await page.evaluate('document.documentElement.scrollWidth - innerWidth'),
        tab,
      ).toBeLessThanOrEqual(0)
      const { violations } = await page.evaluate<axe.AxeResults>('axe.run()')
      expect(violations.map(({ id, nodes }) => [tab, id, nodes[0]?.html])).toEqual([])
    }
    expect(problems).toEqual([])
  })

  test('shows HTML in findings, names and configurations as text', async () => {
    const folder = runsFolder()
    const hostile = `<img src=x onerror="document.title='taken'"><script>document.title='taken'</script>`
    const name = hostile.replaceAll('/', '∕')
    mkdirSync(join(folder, name))
    const run = writeRun(join(folder, name), 3, { [hostile]: hostile, steps: 9 })
    run.appendMetrics(4, { [hostile]: 1, __proto__: 2 })
    const words = {
      rule: hostile,
      practice: hostile as 'P1',
      message: hostile,
      meaning: hostile,
      remedy: hostile,
    }
    run.appendFinding({ ...words, where: [hostile], severity: 'error', step: 4 })
    run.close()
    const { url } = await openDashboard({ folder })
    const { page, problems } = await openPage(url)
    await page.locator('.chart h3', { hasText: hostile }).waitFor()
    await page.locator('nav b', { hasText: name }).waitFor()
    await page.keyboard.press('2')
    await page.locator('.finding', { hasText: hostile }).waitFor()
    await page.keyboard.press('5')
    await page.getByLabel('Also what is the same').check()
    await page.locator('th', { hasText: hostile }).first().waitFor()
    expect(await page.title()).not.toBe('taken')
    expect(await page.locator('img').count()).toBe(0)
    expect(problems).toEqual([])
  })

  test('keeps its settings over a reload and moves between views with arrows', async () => {
    const folder = runsFolder()
    writeRun(join(folder, 'one'), 30).close()
    writeRun(join(folder, 'two'), 30).close()
    const { url } = await openDashboard({ folder })
    const { page, problems } = await openPage(url)
    await page.locator('.chart').waitFor()
    await page.getByRole('button', { name: 'None' }).click()
    await page.locator('.chart').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Choose all' }).click()
    await page.locator('.chart .legend li').nth(1).waitFor()
    await page.getByLabel('Curves of one').uncheck()
    await page.keyboard.press('l')
    await page.getByLabel('Smoothing').fill('0.5')
    await page.getByRole('tab', { name: 'Curves' }).focus()
    await page.keyboard.press('ArrowRight')
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Findings')
    await expect.poll(() => page.url(), SOON).toContain('tab=Findings')
    await page.keyboard.press('ArrowLeft')
    await expect.poll(() => page.url(), SOON).toMatch(/tab=Curves.*smoothing=0.5/)
    await page.reload()
    await page.locator('.chart .legend li').waitFor()
    expect(await page.locator('.chart .legend li').allTextContents()).toEqual([expect.stringMatching(/^two/)])
    expect(await page.getByLabel('Log scale').isChecked()).toBe(true)
    expect(await page.getByLabel('Smoothing').inputValue()).toBe('0.5')
    expect(problems).toEqual([])
  })

  test('switches between averaged weights and those of the step', async () => {
    const folder = runsFolder()
    await writeDemoRuns(folder)
    const { url } = await openDashboard({ folder })
    const { page } = await openPage(url)
    await page.locator('.chart').first().waitFor()
    await page.keyboard.press('3')
    const averaged = page.getByLabel('Averaged weights')
    await averaged.check()
    const shown = page.getByRole('img', {
      name: /^picture 1: line art on the left, (averaged )?generator on the right/,
    })
    await expect
      .poll(() => shown.getAttribute('aria-label'), SOON)
      .toContain('averaged generator on the right')
    await averaged.uncheck()
    await expect.poll(() => shown.getAttribute('aria-label'), SOON).toContain(' left, generator on the right')
  })

  test('says where to go when the server was started with another token', async () => {
    const folder = runsFolder()
    const first = await openDashboard({ folder })
    const { page } = await openPage(first.url)
    await page.locator('.status', { hasText: 'live' }).waitFor()
    await first.close()
    await openDashboard({ folder, port: Number(new URL(first.url).port), token: 'another-token-for-tests' })
    await page.getByText('open the address that it printed').waitFor()
  })
})
