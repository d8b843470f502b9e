import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodePng } from '@dlkit/data'
import { choice, logUniform, openStudy, randomSampler, uniform } from '@dlkit/search'
import { writeRun } from './write-run.js'

/** Runs that look like trainings, with everything that the page can show. */
export async function writeDemoRuns(folder: string): Promise<void> {
  for (const [index, rate] of [0.001, 0.003].entries()) {
    const run = writeRun(join(folder, `rate-${rate}`), 0, {
      steps: 600,
      optimizer: { name: 'adam', rate },
      seed: 1,
    })
    for (let step = 1; step <= 600; step++) {
      const noise = Math.sin(step * 12.9898 + index) * Math.cos(step * 4.1414)
      run.appendMetrics(step, {
        l1: 0.6 * Math.exp((-step * (1 + index)) / 200) + 0.06 + 0.03 * noise,
        generator: 2 + 0.4 * noise - step / 600,
        ...(step % 10 === 0 && { generatorGradient: Math.exp(-step / 300 + noise) }),
      })
    }
    for (let step = 0; step <= 600; step += 100) run.writeSample(step, await grid(step / 600))
    run.writeJson('samples.json', {
      rows: ['line art', 'generator', 'averaged generator', 'artist'],
      columns: 4,
    })
    if (index === 1) {
      run.appendFinding({
        rule: 'vanishing-gradient',
        where: ['hidden1/kernel'],
        severity: 'warning',
        step: 340,
        message: 'The gradient of hidden1/kernel is 2400 times smaller than that of output/kernel.',
        meaning: 'The front of the network stands still.',
        remedy: 'Check the scale of the inputs first, then initialize with heNormal, then add normalization.',
        practice: 'P9',
        values: { ratio: 2400, norm: 0.0000312 },
      })
    }
    run.close()
    const readings = Array.from({ length: 60 }, (_, row) => JSON.stringify(reading(10 * (row + 1))))
    writeFileSync(join(run.path, 'readings.jsonl'), `${readings.join('\n')}\n`)
  }
  mkdirSync(join(folder, 'search'))
  const study = await openStudy({
    path: join(folder, 'search', 'journal.jsonl'),
    name: 'rates',
    space: { rate: logUniform(1e-5, 1e-1), dropout: uniform(0, 0.5), optimizer: choice(['adam', 'sgd']) },
    metrics: { loss: 'minimize' },
    sampler: randomSampler({ seed: 1 }),
  })
  for (let index = 0; index < 30; index++) {
    const trial = await study.ask()
    if (typeof trial === 'string') break
    const { rate, dropout } = trial.params
    await study.complete(trial.number, Math.abs(Math.log10(rate) + 3) + dropout / 4)
  }
}

function reading(step: number) {
  const values: Record<string, number> = {}
  for (let layer = 1; layer <= 8; layer++) {
    const name = `hidden${layer}/kernel`
    values[`gradients/${name}/norm`] = 10 ** (-layer / 2 - step / 600 + Math.sin(step / 40 + layer) / 3)
    values[`updates/${name}`] = 10 ** (-3 + Math.sin(step / 70) / 2 - layer / 10)
    values[`activations/hidden${layer}/std`] = 1 + layer / 10
  }
  return { step, time: new Date(step * 1000).toISOString(), values }
}

/** Four rows of four pictures whose colours come with the share. */
function grid(share: number): Promise<Buffer> {
  const [size, gap, count] = [64, 4, 4]
  const width = gap + count * (size + gap)
  const data = new Uint8Array(width * width * 3).fill(255)
  for (let y = 0; y < width; y++) {
    for (let x = 0; x < width; x++) {
      const [column, row] = [Math.floor(x / (size + gap)), Math.floor(y / (size + gap))]
      const [left, top] = [(x % (size + gap)) - gap - size / 2, (y % (size + gap)) - gap - size / 2]
      const radius = Math.hypot(left, top)
      const at = 3 * (y * width + x)
      if (Math.abs(radius - 24) < 2) data.fill(30, at, at + 3)
      else if (radius < 24 && row > 0) {
        const strength = row === 3 ? 1 : share * (row === 2 ? 1 : 0.8)
        for (let channel = 0; channel < 3; channel++) {
          data[at + channel] = 255 - strength * 150 * Number(channel !== column % 3)
        }
      }
    }
  }
  return encodePng({ width, height: width, data })
}
