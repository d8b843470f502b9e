// What CI checks on TensorFlow's own kernels: the tests of the packages that compute, 200 steps of a GAN next to
// onnxruntime's, and the conformance suite of tfjs-core. Where the addon cannot be built it says so and checks nothing.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { measureSteps } from '../measure-steps.js'
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

const train = (engine: string, count: number) => measureSteps(engine, 64, 4, count)

/** Losses agree as long as rounding has not grown; then they fall, and no tensor stays behind. */
function gan(): string | false {
  const { losses, tensors, times } = train('tfjs-node', steps.trained)
  const reference = train('onnxruntime', steps.compared)
  const differences = reference.losses.map((pair, i) =>
    Math.max(...pair.map((loss, j) => Math.abs(losses[i]![j]! / loss - 1))),
  )
  const milliseconds = times.reduce((sum, time) => sum + time) / times.length
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
// Without the faults that the monitors find: they train 30 networks, which is too long for a second engine.
const chosen = [...packages.map((name) => `packages/${name}/`), '--exclude', '**/scenarios.test.ts']
run('tests', 'npx', [...vitest, ...chosen], { DLKIT_TEST_ENGINE: 'tfjs-node' })
report('GAN', gan)
run('conformance', process.execPath, [
  ...process.execArgv,
  join(root, 'scripts/conformance/run.ts'),
  'tfjs-node',
])
