// What CI checks on TensorFlow's own kernels: the tests of the packages that compute, 200 steps of a GAN next to
// onnxruntime's, and the conformance suite of tfjs-core. Where the addon cannot be built it says so and checks nothing.
import { execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { root } from '../packages.js'
import { buildAddon } from './addon.js'

const packages = ['layers', 'regularizers', 'monitors', 'training']
const steps = { trained: 200, compared: 10 }

function run(name: string, command: string, parameters: string[], env = {}): void {
  const options = { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } } as const
  report(name, () => spawnSync(command, parameters, options).status === 0)
}

function report(name: string, passes: () => boolean | string): void {
  const started = Date.now()
  const outcome = passes()
  const note = typeof outcome === 'string' ? `: ${outcome}` : ''
  console.log(
    `${outcome ? 'ok    ' : 'failed'} tfjs-node ${name}${note} (${Math.round((Date.now() - started) / 1000)} s)`,
  )
  if (!outcome) process.exitCode = 1
}

interface Training {
  losses: [number, number][]
  tensors: number[]
  milliseconds: number
}

const train = (engine: string, count: number): Training => {
  const script = join(root, 'scripts/tfjs-node/gan-losses.ts')
  return JSON.parse(
    execFileSync(process.execPath, [...process.execArgv, script, engine, `${count}`], { encoding: 'utf8' }),
  )
}

/** Losses agree as long as rounding has not grown; then they fall, and no tensor stays behind. */
function gan(): string | false {
  const { losses, tensors, milliseconds } = train('tfjs-node', steps.trained)
  const reference = train('onnxruntime', steps.compared)
  const differences = reference.losses.map((pair, i) =>
    Math.max(...pair.map((loss, j) => Math.abs(losses[i]![j]! / loss - 1))),
  )
  const [first, last] = [losses[0]![1], losses.at(-1)![1]]
  const agrees = differences[0]! < 1e-4 && Math.max(...differences) < 0.02
  const passes = agrees && last < 0.8 * first && losses.flat().every(Number.isFinite)
  const note =
    `${steps.trained} steps of ${milliseconds.toFixed(0)} ms, generator's loss ${first.toFixed(1)} → ${last.toFixed(1)}, ` +
    `next to onnxruntime ${differences[0]!.toExponential(0)} in step 1, ` +
    `${Math.max(...differences).toExponential(0)} in ${steps.compared}, ${tensors.at(-1)! - tensors[1]!} tensors left behind`
  if (passes && tensors.at(-1) === tensors[1]) return note
  console.log(note)
  return false
}

try {
  buildAddon('cpu')
} catch (error) {
  console.log(`tfjs-node could not be built, so nothing was checked on it: ${(error as Error).message}`)
  process.exit()
}
const vitest = ['--no-install', 'vitest', 'run', '--reporter=dot']
run('kernels', 'npx', [...vitest, '--project', 'node', 'packages/engine/src/tensorflow/'])
run('tests', 'npx', [...vitest, ...packages.map((name) => `packages/${name}/`)], {
  DLKIT_TEST_ENGINE: 'tfjs-node',
})
report('GAN', gan)
run('conformance', process.execPath, [
  ...process.execArgv,
  join(root, 'scripts/conformance/run.ts'),
  'tfjs-node',
])
