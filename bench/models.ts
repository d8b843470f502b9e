// Training steps of common networks on the onnxruntime engine and in PyTorch, each in a process of its own, in turn on the
// same threads, from the same weights on the same batches.
// npm run bench:models [-- --threads N] [--only NAME] [--rounds N] [--python PATH]
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { useEngine } from '@dlkit/engine'
import * as tf from '@tensorflow/tfjs-core'
import Table from 'cli-table3'
import { networks } from './models/networks.js'
import { pythonWithTorch } from './python-with-torch.js'

/** What both sides read: shapes of the weights, and of inputs and targets of a batch. */
export interface Description {
  weights: number[][]
  batch: number[][]
  batches: number
  tokens: number[]
  classes: number
}

interface Answer {
  version: string
  times: number[]
  losses: number[]
  megabytes: number
  recorded?: number
}

const { values: options } = parseArgs({
  options: {
    threads: { type: 'string', default: '2' },
    only: { type: 'string', default: '' },
    rounds: { type: 'string', default: '10' },
    python: { type: 'string' },
  },
})
const rounds = Number(options.rounds)
const stepsPerRound = 20
/** As many as the steps whose losses are compared: none is seen twice, so that no loss comes near zero. */
const batches = 200
const python = options.python ?? pythonWithTorch()
const torchModes = ['eager', 'compile']

/** A training in a process of its own. */
class Worker {
  readonly times: number[] = []
  readonly losses: number[] = []
  last: Answer | undefined
  failed = false
  private readonly lines: AsyncIterator<string>

  constructor(private readonly child: ChildProcess) {
    this.lines = createInterface(child.stdout!)[Symbol.asyncIterator]()
  }

  async run(steps: number): Promise<void> {
    if (this.failed) return
    this.child.stdin!.write(`${steps}\n`)
    const { value, done } = await this.lines.next()
    if (done) {
      this.failed = true
      return
    }
    this.last = JSON.parse(value) as Answer
    this.times.push(...this.last.times)
    this.losses.push(...this.last.losses)
  }

  close(): void {
    this.child.stdin!.end()
  }
}

await useEngine({ prefer: 'onnxruntime' })
for (const name of Object.keys(networks)) {
  if (!name.startsWith(options.only)) continue
  const folder = mkdtempSync(join(tmpdir(), 'dlkit-models-'))
  try {
    describe(name, folder)
    await compare(name, folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Writes the weights and batches of a network. */
function describe(name: string, folder: string): void {
  tf.tidy(() => {
    const { model, layers, batch, tokens = [], classes = 0 } = networks[name]!()
    const weights = layers.flatMap((layer) => layer.weights.map((weight) => weight.read()))
    const outputs = model.outputs[0]!.shape.slice(1) as number[]
    const inputs = model.inputs.map(({ shape }) => [batch, ...(shape.slice(1) as number[])])
    const targets = [batch, ...(classes > 0 ? outputs.slice(0, -1) : outputs)]
    let seed = 1
    const normal = (shape: number[]) => tf.randomNormal(shape, 0, 1, 'float32', seed++)
    const below = (most: number, shape: number[]) =>
      tf.floor(tf.randomUniform(shape, 0, most, 'float32', seed++))
    const write = (file: string, tensors: tf.Tensor[]) =>
      writeFileSync(
        join(folder, file),
        Buffer.concat(tensors.map((x) => new Uint8Array(x.dataSync().slice().buffer))),
      )
    write('weights.bin', weights)
    for (let i = 0; i < batches; i++) {
      const drawn = inputs.map((shape, input) => {
        if (!tokens[input]) return normal(shape)
        // Positions are those of the sequence.
        if (input === 1 && tokens[1] === shape[1]) return tf.mul(tf.ones([batch, 1]), tf.range(0, shape[1]!))
        return below(tokens[input]!, shape)
      })
      write(`batch-${i}.bin`, [...drawn, classes > 0 ? below(classes, targets) : normal(targets)])
    }
    const description: Description = {
      weights: weights.map(({ shape }) => shape),
      batch: [...inputs, targets],
      batches,
      tokens: inputs.map((_, i) => tokens[i] ?? 0),
      classes,
    }
    writeFileSync(join(folder, 'network.json'), JSON.stringify(description))
  })
}

async function compare(name: string, folder: string): Promise<void> {
  const file = (path: string) => fileURLToPath(new URL(path, import.meta.url))
  const start = (command: string, args: string[]) =>
    new Worker(
      spawn(command, args, {
        stdio: ['pipe', 'pipe', 'inherit'],
        env: { ...process.env, OMP_NUM_THREADS: options.threads },
      }),
    )
  const workers = new Map<string, Worker>()
  for (const mode of ['compileStep', 'program']) {
    const args = [...process.execArgv, file('models/worker.ts'), name, folder, options.threads, mode]
    workers.set(mode, start(process.execPath, args))
  }
  const modes = name.startsWith('gru') ? [...torchModes, 'fused'] : torchModes
  for (const mode of python ? modes : []) {
    const args = ['-W', 'ignore', file('models/worker.py'), name, folder, options.threads, mode]
    workers.set(`PyTorch ${mode}`, start(python!, args))
  }
  for (const worker of workers.values()) await worker.run(1)
  for (const worker of workers.values()) await worker.run(stepsPerRound - 1)
  for (let round = 1; round < rounds; round++) {
    for (const worker of workers.values()) await worker.run(stepsPerRound)
  }
  for (const worker of workers.values()) worker.close()
  print(name, workers)
}

function print(name: string, workers: Map<string, Worker>): void {
  const sorted = ({ times }: Worker) => times.slice(stepsPerRound).sort((a, b) => a - b)
  const median = (worker: Worker) => sorted(worker)[Math.floor(sorted(worker).length / 2)]!
  const usable = [...workers].filter(([, { failed }]) => !failed)
  const torch = usable.filter(([mode]) => mode.startsWith('PyTorch'))
  const fastest = Math.min(...torch.map(([, worker]) => median(worker)))
  const reference = workers.get('PyTorch eager')
  const head = ['best ms', 'median ms', '÷ PyTorch', 'first step ms', 'recorded', 'peak MB', 'loss off by']
  const table = new Table({ head: [name, ...head], style: { head: [], border: [] } })
  for (const [mode, worker] of usable) {
    const off =
      reference?.losses.slice(0, batches).map((loss, i) => Math.abs(worker.losses[i]! / loss - 1)) ?? []
    table.push([
      mode,
      sorted(worker)[0]!.toFixed(2),
      median(worker).toFixed(2),
      torch.length > 0 ? (median(worker) / fastest).toFixed(2) : '',
      worker.times[0]!.toFixed(0),
      worker.last?.recorded ?? '',
      Math.round(worker.last!.megabytes),
      off.length > 0 ? Math.max(...off).toExponential(0) : '',
    ])
  }
  console.log(`${table.toString()}\n`)
}
