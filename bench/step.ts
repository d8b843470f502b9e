// One training step of pix2pix on each engine, in processes of their own, next to PyTorch if a Python has it: as it comes,
// and with channels_last and fused Adam.
// npm run bench:step [-- THREADS]
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { compileStep } from '@dlkit/backend-onnxruntime'
import { type EngineName, useEngine } from '@dlkit/engine'
import * as tf from '@tensorflow/tfjs-core'
import Table from 'cli-table3'
import { convolutionRates, type Rates } from './convolutions.js'
import { pix2pix } from './pix2pix.js'
import { pythonWithTorch } from './python-with-torch.js'

interface Result {
  version: string
  parameters: number
  times: number[]
  megabytes: number
  rates: Rates
}

const warmUp = 20
const steps = 20
const settings = [
  { size: 64, batch: 8 },
  { size: 128, batch: 4 },
]

const [first, ...rest] = process.argv.slice(2)
if (first === '--engine')
  await measure(
    rest[0] as EngineName,
    Number(rest[1]),
    Number(rest[2]),
    Number(rest[3]),
    rest[4] === 'compiled',
  )
else compare(Number(first ?? 2))

async function measure(
  name: EngineName,
  size: number,
  batch: number,
  threads: number,
  compiled: boolean,
): Promise<void> {
  const { version } = await useEngine({ prefer: name, threads })
  const { parameters, losses, step: byProgram } = pix2pix(size, batch)
  const replayed = compileStep(losses)
  const step = compiled ? () => tf.tidy(() => replayed().dataSync()) : byProgram
  const times: number[] = []
  for (let i = 0; i < warmUp + steps; i++) {
    const start = performance.now()
    step()
    times.push(performance.now() - start)
  }
  const megabytes = process.resourceUsage().maxRSS / 1024
  const result: Result = { version, parameters, times, megabytes, rates: convolutionRates(10) }
  console.log(JSON.stringify(result))
}

function compare(threads: number): void {
  const python = pythonWithTorch()
  console.log(`Node ${process.versions.node}, ${threads} threads (wasm: 1), ${steps} steps after ${warmUp}\n`)
  for (const { size, batch } of settings) {
    const own = fileURLToPath(import.meta.url)
    const run = (engine: EngineName, mode = '') =>
      lastLine(process.execPath, [
        ...process.execArgv,
        own,
        '--engine',
        engine,
        `${size}`,
        `${batch}`,
        `${threads}`,
        mode,
      ])
    const script = fileURLToPath(new URL('pix2pix.py', import.meta.url))
    const results = new Map<string, Result>([
      ['wasm', run('wasm')],
      ['onnxruntime', run('onnxruntime')],
      ['onnxruntime, compileStep', run('onnxruntime', 'compiled')],
    ])
    if (python) {
      const sizes = [size, batch, threads, warmUp + steps].map(String)
      for (const mode of ['default', 'tuned']) {
        results.set(`PyTorch ${mode}`, lastLine(python, ['-W', 'ignore', script, ...sizes, mode]))
      }
    }
    print(`pix2pix-${size}, batch ${batch}`, results)
  }
  if (!python) console.log('PyTorch: no python3 with torch was found')
}

function print(title: string, results: Map<string, Result>): void {
  const best = ({ times }: Result) => Math.min(...times.slice(warmUp))
  const median = ({ times }: Result) => times.slice(warmUp).sort((a, b) => a - b)[Math.floor(steps / 2)]!
  const reference = results.get('PyTorch tuned')
  const table = new Table({
    head: [
      title,
      'parameters',
      'best ms',
      'median ms',
      '× wasm',
      '÷ PyTorch tuned',
      'peak MB',
      'GFLOP/s forward',
      'input',
      'filter',
    ],
    style: { head: [], border: [] },
  })
  for (const [name, result] of results) {
    table.push([
      `${name} ${result.version}`,
      result.parameters,
      best(result).toFixed(1),
      median(result).toFixed(1),
      (median(results.get('wasm')!) / median(result)).toFixed(1),
      reference ? (median(result) / median(reference)).toFixed(2) : '',
      Math.round(result.megabytes),
      ...Object.values(result.rates).map((rate) => rate.toFixed(0)),
    ])
  }
  console.log(`${table.toString()}\n`)
}

function lastLine(command: string, args: string[]): Result {
  const output = execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
  return JSON.parse(output.trim().split('\n').at(-1)!)
}
