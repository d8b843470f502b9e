import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import { describe, expect, test } from 'vitest'

interface Training {
  losses: number[]
  weights: number[]
  fallbacks: Record<string, number>
}

const program = fileURLToPath(new URL('./train-alone.ts', import.meta.url))
// A worker thread cannot do this by itself.
process.env.ORT_DISABLE_TELEMETRY = '1'

const flags = ['--conditions=@dlkit/source', '--import=tsx']

async function inProcess(threads = 2): Promise<Training> {
  const options = { env: { ...process.env, THREADS: `${threads}` } }
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, program], options)
  return JSON.parse(stdout)
}

/** A worker that registers tsx itself: its flags are not those of a process. */
function inThread(): Promise<Training> {
  const start = `import('tsx/esm/api').then(({ register }) => { register(); return import(${JSON.stringify(program)}) })`
  const worker = new Worker(start, { eval: true, execArgv: ['--conditions=@dlkit/source'] })
  return new Promise((resolve, reject) => {
    worker.once('message', (training: Training) => void worker.terminate().then(() => resolve(training)))
    worker.once('error', reject)
  })
}

describe('training', { timeout: 120_000 }, () => {
  test('learns the same, bit for bit, run after run, on two threads of ONNX Runtime', async () => {
    const first = await inProcess()
    expect(first.fallbacks).toEqual({})
    expect(first.losses.at(-1)).toBeLessThan(first.losses[0]!)
    expect(await inProcess()).toEqual(first)
  })

  test('works in two processes at once', async () => {
    const [a, b] = await Promise.all([inProcess(), inProcess()])
    expect(a).toEqual(b)
  })

  test('works in two worker threads at once, which may end before the process', async () => {
    const [a, b] = await Promise.all([inThread(), inThread()])
    expect(a).toEqual(b)
    expect(a).toEqual(await inThread())
  })

  test('differs by rounding at most from one number of threads to another', async () => {
    const [one, two] = [await inProcess(1), await inProcess(2)]
    two.losses.forEach((loss, step) => {
      expect(loss).toBeCloseTo(one.losses[step]!, 5)
    })
  })
})
