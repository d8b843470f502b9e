import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, describe, expect, test } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'dlkit-telemetry-'))
afterAll(() => rmSync(folder, { recursive: true }))

const program = fileURLToPath(new URL('./train-alone.ts', import.meta.url))
const flags = ['--conditions=@dlkit/source', '--import=tsx']

/** Trains as a user whose home is empty and who has no other variables. */
async function train(
  home: string,
  args: string[],
  variables: NodeJS.ProcessEnv = {},
): Promise<{ stderr: string; files: string[] }> {
  const env = { PATH: process.env.PATH, HOME: home, XDG_CACHE_HOME: join(home, 'cache'), ...variables }
  const { stderr } = await promisify(execFile)(process.execPath, [...flags, ...args], { env })
  return { stderr, files: readdirSync(home, { recursive: true }) as string[] }
}

describe('ONNX Runtime sends no telemetry', { timeout: 120_000 }, () => {
  test('and leaves no device id and no queue of events in the home folder', async () => {
    const home = mkdtempSync(join(folder, 'home-'))
    expect(await train(home, [program])).toEqual({ stderr: '', files: [] })
  })

  test('or it is said, in a worker thread that starts it', async () => {
    const home = mkdtempSync(join(folder, 'home-'))
    const start = `
      import { Worker } from 'node:worker_threads'
      const code = "import('tsx/esm/api').then(({ register }) => { register(); return import(" + ${JSON.stringify(JSON.stringify(program))} + ") })"
      new Worker(code, { eval: true, execArgv: ['--conditions=@dlkit/source'] })`
    // Under CI=1, ONNX Runtime keeps silent by itself.
    const { stderr } = await train(home, ['--input-type=module', '--eval', start], { CI: '1' })
    expect(stderr).toContain('set ORT_DISABLE_TELEMETRY=1 for the process')
  })
})
