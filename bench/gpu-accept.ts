// What a GPU has to show: values, losses, the time of a step and memory, next to PyTorch on the same machine.
// npm run gpu:accept [-- cpu]    on the processors instead, to rehearse the script
// Prints a line for each measurement and writes gpu-accept.json into this folder.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compileStep, onnxruntimeStats, useOnnxRuntime } from '@dlkit/backend-onnxruntime'
import * as tf from '@tensorflow/tfjs-core'
import '../scripts/seed-random.js'
import type { OnnxRuntimeBackend } from '../packages/backend-onnxruntime/src/backend.js'
import { pix2pix } from './pix2pix.js'

type Device = 'cpu' | 'gpu'

interface StepResult {
  times: number[]
  losses: number[][]
  compileMs: number
  fallbacks: Record<string, number>
  calls: { recorded: number; replayed: number }
  tensors: number
  residentMb: number
}

interface ProfileEvent {
  cat: string
  dur: number
  args?: { op_name?: string; provider?: string }
}

const own = fileURLToPath(import.meta.url)
const beside = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const [command, ...args] = process.argv.slice(2)

if (command === 'steps')
  await steps(args[0] as Device, Number(args[1]), Number(args[2]), Number(args[3]), args.slice(4))
else if (command === 'profile') await profile(args[0] as Device, Number(args[1]), Number(args[2]))
else accept(command === 'cpu' ? 'cpu' : 'gpu')

/** Times and losses of steps of the reference model. */
async function steps(
  device: Device,
  size: number,
  batch: number,
  count: number,
  modes: string[],
): Promise<void> {
  await useOnnxRuntime({ device, tf32: !modes.includes('exact') })
  const { losses: run, step: read } = pix2pix(size, batch)
  const compiled = compileStep(run)
  const step = modes.includes('compiled')
    ? () => {
        const result = compiled()
        const values = result.dataSync<'float32'>()
        result.dispose()
        return values
      }
    : read
  const times: number[] = []
  const losses: number[][] = []
  for (let i = 0; i < count; i++) {
    const start = performance.now()
    losses.push([...step()])
    times.push(performance.now() - start)
  }
  const { milliseconds, fallbacks } = onnxruntimeStats()
  const result: StepResult = {
    times,
    losses,
    compileMs: milliseconds.compile,
    fallbacks,
    calls: compiled.calls,
    tensors: tf.memory().numTensors,
    residentMb: process.memoryUsage.rss() / 2 ** 20,
  }
  console.log(JSON.stringify(result))
}

/** Where the nodes of the largest graph run: a node on the processors in a graph of a GPU waits for both. */
async function profile(device: Device, size: number, batch: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'dlkit-profile-'))
  await useOnnxRuntime({ device, profile: join(folder, 'graph') })
  const { step } = pix2pix(size, batch)
  for (let i = 0; i < 10; i++) step()
  for (const graph of (tf.backend() as OnnxRuntimeBackend).graphs()) graph.endProfiling()
  const largest = readdirSync(folder)
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as ProfileEvent[])
    .sort((a, b) => b.length - a.length)[0]!
  const totals = new Map<string, { count: number; microseconds: number }>()
  for (const { cat, dur, args } of largest) {
    if (cat !== 'Node' || args?.op_name === undefined) continue
    const key = `${args.op_name} ${args.provider}`
    const total = totals.get(key) ?? { count: 0, microseconds: 0 }
    totals.set(key, { count: total.count + 1, microseconds: total.microseconds + dur })
  }
  const rows = [...totals].sort(([, a], [, b]) => b.microseconds - a.microseconds)
  for (const [key, { count, microseconds }] of rows) console.log(`${key}: ${count} times, ${microseconds} µs`)
}

function accept(device: Device): void {
  const settings =
    device === 'gpu'
      ? [
          [64, 8],
          [128, 4],
          [256, 16],
        ]
      : [[64, 8]]
  const report: Record<string, unknown> = { device, date: new Date().toISOString(), node: process.version }
  const save = () => writeFileSync(join('.', 'gpu-accept.json'), JSON.stringify(report))
  const seconds = device === 'gpu' ? 60 : 240

  for (const [size, batch] of settings as [number, number][]) {
    const count = device === 'gpu' ? 120 : 20
    const twins: Record<string, unknown> = {
      dlkit: run(
        process.execPath,
        [...process.execArgv, own, 'steps', device, size, batch, count, 'compiled'],
        seconds,
      ),
    }
    const modes = device === 'gpu' ? ['cuda', 'cuda-tuned', 'cuda-graph'] : ['tuned']
    for (const mode of modes) {
      twins[mode] = run(
        'python3',
        ['-W', 'ignore', beside('pix2pix.py'), size, batch, 2, count, mode],
        seconds,
      )
    }
    report[`${size}/${batch}`] = twins
    for (const [name, twin] of Object.entries(twins))
      console.log(`${size}/${batch} ${name}: ${summary(twin)}`)
    save()
  }

  const exact = run(
    process.execPath,
    [...process.execArgv, own, 'steps', device, 64, 8, 200, 'exact'],
    seconds,
  )
  const reference = run(process.execPath, [...process.execArgv, own, 'steps', 'cpu', 64, 8, 200], 120)
  report.losses = { exact, reference }
  console.log(`200 steps beside the processors: ${difference(exact, reference)}`)
  save()
}

function run(program: string, parameters: (string | number)[], seconds: number): unknown {
  const { stdout, stderr, status, signal } = spawnSync(program, parameters.map(String), {
    encoding: 'utf8',
    timeout: seconds * 1000,
    maxBuffer: 2 ** 28,
  })
  const last = stdout?.trim().split('\n').at(-1) ?? ''
  try {
    return JSON.parse(last)
  } catch {
    return {
      failed: `${signal ?? status}: ${(stderr || last).trim().split('\n').slice(-8).join(' | ').slice(0, 2000)}`,
    }
  }
}

function summary(result: unknown): string {
  const { times, failed } = result as { times?: number[]; failed?: string }
  if (times === undefined) return `failed (${failed})`
  const late = times.slice(Math.min(20, times.length >> 1)).sort((a, b) => a - b)
  const { compileMs, device_megabytes: mb, fallbacks } = result as Record<string, unknown>
  return (
    `best ${late[0]!.toFixed(2)} ms, median ${late[late.length >> 1]!.toFixed(2)} ms, first ${times[0]!.toFixed(0)} ms` +
    (compileMs
      ? `, compiled in ${(compileMs as number).toFixed(0)} ms, fallbacks ${JSON.stringify(fallbacks)}`
      : '') +
    (mb ? `, ${(mb as number).toFixed(0)} MB` : '')
  )
}

function difference(a: unknown, b: unknown): string {
  const [x, y] = [a, b].map((result) => (result as Partial<StepResult>).losses)
  if (!x || !y) return `failed (${JSON.stringify([a, b]).slice(0, 2000)})`
  const relative = x.map((losses, i) =>
    Math.max(...losses.map((loss, j) => Math.abs(loss - y[i]![j]!) / Math.abs(y[i]![j]!))),
  )
  const until = (count: number) => Math.max(...relative.slice(0, count)).toExponential(1)
  return `relative difference of losses ${[1, 10, 50, 100, 200].map((n) => `${until(n)} in ${n}`).join(', ')}`
}
