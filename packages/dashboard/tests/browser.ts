import { existsSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, onTestFinished } from 'vitest'

const executablePath = '/usr/bin/chromium'

export const hasBrowser = existsSync(executablePath)

/** A browser for the tests of a block: returns what opens a page that is closed after the test, and what goes wrong in it. */
export function useBrowser() {
  let chrome: Browser
  beforeAll(async () => {
    chrome = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
  })
  afterAll(() => chrome.close())
  return async (
    url: string,
    options: Parameters<Browser['newPage']>[0] = {},
  ): Promise<{ page: Page; problems: string[] }> => {
    const page = await chrome.newPage(options)
    onTestFinished(() => page.close())
    const problems: string[] = []
    page.on('pageerror', (error) => problems.push(String(error)))
    page.on('console', (message) => problems.push(message.text()))
    const { origin } = new URL(url)
    page.on('request', (request) => {
      const address = request.url().replace(/^blob:/, '') // what the page itself has made
      if (!address.startsWith(origin)) problems.push(`asked for ${request.url()}`)
    })
    await page.goto(url)
    return { page, problems }
  }
}
