import type { CheckData, Subject } from '@dlkit/checks'
import { chooseEngine } from '../actions/choose-engine.js'
import { defaultFile } from '../config/default-file.js'
import { whole } from '../config/option-values.js'
import { resolveConfig } from '../config/resolve-config.js'
import { isTrainingFile, readTrainingFile } from '../config/training-file.js'
import { UsageError } from '../errors.js'

/** Options that say what is looked at, as text. */
export interface SubjectOptions {
  preset?: string
  data?: string
  size?: string
  batchSize?: string
  seed?: string
  engine?: string
}

export interface LoadedSubject {
  /** What messages call it: a file, or the built-in model. */
  name: string
  subject: Subject
  data: CheckData
  batchSize: number
  seed: number
}

/** What a file describes, or the colouring GAN with the configuration that files and options give; its engine is in use. */
export async function loadSubject(
  named: string | undefined,
  options: SubjectOptions,
): Promise<LoadedSubject> {
  const { preset, data, size, engine } = options
  const seed = options.seed === undefined ? undefined : whole('--seed', options.seed, 0)
  const batchSize = options.batchSize === undefined ? undefined : whole('--batch-size', options.batchSize, 1)
  const given = Object.entries({ preset, data, size }).find(([, value]) => value !== undefined)
  const file = named ?? (given ? undefined : defaultFile())
  if (file !== undefined && isTrainingFile(file)) {
    if (given) throw new UsageError(`--${given[0]}: is for the built-in model; ${file} brings its own`)
    await chooseEngine(engine)
    const training = await readTrainingFile(file, { seed: seed ?? 1 })
    return {
      name: file,
      subject: training.subject,
      data: training.data,
      batchSize: batchSize ?? training.batchSize,
      seed: seed ?? 1,
    }
  }
  const config = await resolveConfig(file, preset, {
    ...(data !== undefined && { data }),
    ...(size !== undefined && { size }),
    ...(options.batchSize !== undefined && { batch: options.batchSize }),
    ...(options.seed !== undefined && { seed: options.seed }),
    ...(engine !== undefined && { engine }),
  })
  await chooseEngine(config.engine, engine === undefined ? 'engine' : '--engine')
  const [{ loadPairs }, { colourPlayers }] = await Promise.all([
    import('@dlkit/gan-colorize'),
    import('./colour-players.js'),
  ])
  const pairs = await loadPairs(config)
  return {
    name: 'the colouring GAN',
    ...(await colourPlayers(config, pairs.train)),
    batchSize: config.batch,
    seed: config.seed,
  }
}
