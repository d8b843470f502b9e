import { RunFolder } from '@dlkit/training'

/** A run with `steps` lines of metrics. */
export function writeRun(path: string, steps = 3, config: object = { steps: 100 }): RunFolder {
  const run = RunFolder.create(path, { config, environment: { engine: { name: 'cpu' } } })
  for (let step = 1; step <= steps; step++) run.appendMetrics(step, { loss: 1 / step })
  return run
}
