import { encodePng } from '@dlkit/data'
import { RunFolder } from '@dlkit/training'

/** Text that would run if it were not escaped. */
const hostile = `</script><script>alert("1")</script>`

/** Writes a run folder with something in every part of it. @returns the folder. */
export async function writeSampleRun(folder: string): Promise<string> {
  const run = RunFolder.create(folder, {
    config: { data: hostile, steps: 300, model: { filters: 4, sizes: [1, 2] } },
    environment: { engine: { name: 'wasm', version: '4.22.0' }, machine: { cpu: hostile } },
  })
  for (let step = 1; step <= 300; step++) {
    const gradients = step % 20 === 0 ? { gradientNorm: 10 ** (step / 100) } : {}
    run.appendMetrics(step, {
      l1: step === 7 ? Number.NaN : 1 / step,
      generator: Math.sin(step),
      ...gradients,
    })
  }
  const png = await encodePng({ width: 640, height: 280, data: new Uint8Array(640 * 280 * 3).fill(120) })
  for (let step = 0; step <= 300; step += 30) run.writeSample(step, png)
  run.appendFinding({
    rule: 'vanishing-gradient',
    where: ['hidden/kernel'],
    severity: 'warning',
    step: 20,
    message: hostile,
    meaning: 'The front of the network stands still.',
    remedy: 'Check the scale of the inputs first.',
    practice: 'P9',
  })
  run.writeJson('dataset.json', {
    name: 'openmoji',
    train: 10,
    skipped: [
      { file: 'a.png', reason: 'damaged' },
      { file: 'b.png', reason: 'empty' },
    ],
    attribution: 'Emoji by OpenMoji, CC BY-SA 4.0',
  })
  run.writeJson('evaluation.json', {
    step: 300,
    split: 'validation',
    count: 9,
    model: { psnr: 18.1, ssim: 0.81 },
    baselines: { lineArt: { psnr: 14.7, ssim: 0.7 }, meanColour: { psnr: 9.9, ssim: 0.3 } },
  })
  run.close()
  return run.path
}
