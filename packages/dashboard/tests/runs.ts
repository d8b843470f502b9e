import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type DashboardArgs, dashboard } from '../src/index.js'

/** A folder of runs that is gone after the test. */
export function runsFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'dlkit-dashboard-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export const TOKEN = 'a-token-for-the-tests'

/** A dashboard that is closed after the test, and what it refused. */
export async function openDashboard(args: DashboardArgs) {
  const refused: string[] = []
  const opened = await dashboard({ token: TOKEN, onRefused: (line) => refused.push(line), ...args })
  onTestFinished(() => opened.close())
  const { origin, host } = new URL(opened.url)
  const get = (path: string, init: RequestInit = {}) =>
    fetch(origin + path, { ...init, headers: { Authorization: `Bearer ${TOKEN}`, ...init.headers } })
  return { ...opened, origin, host, refused, get }
}
