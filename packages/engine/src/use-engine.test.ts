import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, test } from 'vitest'
import type { EngineCandidate, EngineName } from './engine.js'
import { chooseEngine, useEngine } from './use-engine.js'

const engine = (name: EngineName, over: Partial<EngineCandidate> = {}): EngineCandidate => ({
  name,
  device: 'cpu',
  summary: 'for a test',
  unavailable: () => undefined,
  activate: async () => ({ version: '1.2.3' }),
  ...over,
})

describe('useEngine', () => {
  test('takes onnxruntime, which npm installs, and says why not the others', async () => {
    const choice = await useEngine()
    expect(choice).toEqual({
      name: 'onnxruntime',
      device: 'cpu',
      version: expect.stringMatching(/^1\.\d+\.\d+$/),
      reason: 'first choice that works here (ONNX Runtime on the processor, whole training steps at a time)',
      others: [
        { name: 'onnxruntime-cuda', reason: expect.stringMatching(/^(CUDA: .+ not found|needs Linux)/) },
        {
          name: 'tfjs-node-gpu',
          reason: expect.stringMatching(/^(not installed|binary missing|no CUDA GPU found)/),
        },
        {
          name: 'tfjs-node',
          reason: expect.stringMatching(/^(not installed|binary missing|comes after onnxruntime)/),
        },
        { name: 'wasm', reason: 'comes after onnxruntime' },
        { name: 'cpu', reason: 'comes after onnxruntime' },
      ],
    })
    expect(tf.getBackend()).toBe('onnxruntime')
  })

  test('gives the same answer twice, and changes engines when asked to', async () => {
    expect(await useEngine()).toEqual(await useEngine())
    const kept = tf.tensor1d([1, 2, 3])
    const choice = await useEngine({ prefer: 'cpu' })
    expect(tf.getBackend()).toBe('cpu')
    expect(choice.reason).toBe('asked for (plain JavaScript, the last resort)')
    expect(choice.others.at(-1)).toEqual({ name: 'wasm', reason: 'cpu was asked for' })
    expect([...tf.add(kept, 1).dataSync()]).toEqual([2, 3, 4])
    for (const prefer of ['wasm', 'onnxruntime'] as const) {
      await useEngine({ prefer })
      expect(tf.getBackend()).toBe(prefer)
      expect([...tf.add(kept, 1).dataSync()]).toEqual([2, 3, 4])
    }
  })

  test('refuses unknown names and contradictions', async () => {
    await expect(useEngine({ prefer: 'cuda' as EngineName })).rejects.toThrow(
      new RangeError(
        'useEngine: expected prefer to be one of onnxruntime-cuda, tfjs-node-gpu, onnxruntime, tfjs-node, wasm, cpu, got "cuda". Leave it out to get the best one.',
      ),
    )
    await expect(useEngine({ device: 'tpu' as 'gpu' })).rejects.toThrow(
      new RangeError('useEngine: expected device to be cpu or gpu, got "tpu". Leave it out to take any.'),
    )
    for (const threads of [0, -1, 1.5, Number.NaN]) {
      await expect(useEngine({ threads })).rejects.toThrow(
        new RangeError(
          `useEngine: expected threads to be a positive integer, got ${threads}. Leave it out to use every core.`,
        ),
      )
    }
    await expect(useEngine({ prefer: 'wasm', device: 'gpu' })).rejects.toThrow(
      new RangeError(
        'useEngine: expected prefer and device to agree, got prefer="wasm", device="gpu" (wasm computes on the cpu). Leave one of them out.',
      ),
    )
  })

  test('says why a preferred engine or a GPU is not there, and keeps the current engine', async () => {
    await useEngine({ prefer: 'cpu' })
    await expect(useEngine({ prefer: 'tfjs-node-gpu' })).rejects.toThrow(
      /^useEngine: expected tfjs-node-gpu to work here, got "(not installed|binary missing|no CUDA GPU found).+"\. Leave prefer out to get the best engine that works\.$/,
    )
    await expect(useEngine({ device: 'gpu' })).rejects.toThrow(
      /^useEngine: expected a GPU engine that works here, got none \(onnxruntime-cuda: .+; tfjs-node-gpu: (not installed|binary missing|no CUDA GPU found).+\)\. Install what one of them needs, or leave device out\.$/,
    )
    expect(tf.getBackend()).toBe('cpu')
  })

  test('goes on to the next engine when one fails, with the first line of the reason', async () => {
    const broken = engine('tfjs-node-gpu', {
      device: 'gpu',
      activate: () => Promise.reject(new Error('no CUDA GPU found\nat somewhere')),
    })
    const table = [
      broken,
      engine('tfjs-node'),
      engine('wasm', { unavailable: () => 'no SIMD' }),
      engine('cpu'),
    ]
    expect(await chooseEngine(table, {})).toEqual({
      name: 'tfjs-node',
      device: 'cpu',
      version: '1.2.3',
      reason: 'first choice that works here (for a test)',
      others: [
        { name: 'tfjs-node-gpu', reason: 'no CUDA GPU found' },
        { name: 'wasm', reason: 'no SIMD' },
        { name: 'cpu', reason: 'comes after tfjs-node' },
      ],
    })
    expect((await chooseEngine(table, { device: 'cpu' })).reason).toBe(
      'first choice on a cpu that works here (for a test)',
    )
  })

  test('hands the number of threads to the engine', async () => {
    const seen: unknown[] = []
    const table = [
      engine('onnxruntime', {
        activate: async (options) => {
          seen.push(options)
          return { version: '1.2.3' }
        },
      }),
    ]
    await chooseEngine(table, {})
    await chooseEngine(table, { threads: 3 })
    expect(seen).toEqual([{}, { threads: 3 }])
  })

  test('shows no banner on any engine', () => {
    const { stdout, stderr } = runProgram(`
      for (const prefer of ['onnxruntime', 'wasm', 'cpu']) {
        await useEngine({ prefer })
        tf.square([1, 2]).dataSync()
      }
      console.warn('a real warning')`)
    expect(stdout).toBe('')
    expect(stderr).toBe('a real warning\n')
  })

  test('leaves the report of uncaught errors to Node', () => {
    for (const failure of ["throw new Error('mine')", "Promise.reject(new Error('mine'))"]) {
      const { status, stderr } = runProgram(
        `await useEngine({ prefer: 'wasm' }); setTimeout(() => { ${failure} }, 1)`,
      )
      expect(status).toBe(1)
      expect(stderr).toContain('Error: mine')
      expect(stderr.length).toBeLessThan(2000)
    }
  })
})

function runProgram(program: string) {
  const imports = "import * as tf from '@tensorflow/tfjs-core'\nimport { useEngine } from './index.ts'\n"
  return spawnSync(
    process.execPath,
    ['--conditions=@dlkit/source', '--import=tsx', '--input-type=module', '--eval', imports + program],
    { cwd: fileURLToPath(new URL('.', import.meta.url)), encoding: 'utf8' },
  )
}
