import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import type { Steps } from './engine-steps.js'
import { root } from './packages.js'

/** Steps of the reference GAN on an engine, in a process of its own; see engine-steps.ts. */
export function measureSteps(engine: string, size: number, batch: number, steps: number): Steps {
  const script = join(root, 'scripts/engine-steps.ts')
  const parameters = [...process.execArgv, script, engine, ...[size, batch, steps].map(String)]
  const output = execFileSync(process.execPath, parameters, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 2 ** 26,
  })
  return JSON.parse(output)
}
