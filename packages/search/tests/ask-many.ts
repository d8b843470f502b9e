// Asks for trials of one study beside other processes: ask-many.ts JOURNAL COUNT.
import { openStudy, randomSampler, uniform } from '../src/index.js'

const [path, count] = process.argv.slice(2)
const study = await openStudy({
  path: path!,
  space: { x: uniform(0, 1) },
  metrics: { loss: 'minimize' },
  sampler: randomSampler({ seed: 1 }),
})
for (let index = 0; index < Number(count); index++) {
  const trial = await study.ask()
  if (typeof trial === 'string') throw new Error(trial)
  await study.report(trial.number, 1, 0.5)
  await study.complete(trial.number, process.pid)
}
