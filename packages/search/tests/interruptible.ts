// A search in the foreground, to be interrupted: interruptible.ts JOURNAL TRIALS.
import { childProcesses, openStudy, randomSampler, runStudy, uniform } from '../src/index.js'

const [path, trials] = process.argv.slice(2)
const study = await openStudy({
  path: path!,
  space: { x: uniform(0, 1) },
  metrics: { loss: 'minimize' },
  sampler: randomSampler({ seed: 1 }),
})
const executor = childProcesses({ module: new URL('./objective.ts', import.meta.url) })
await runStudy(study, { trials: Number(trials), parallel: 2, executor })
console.log(study.trials.map(({ state }) => state).join(' '))
