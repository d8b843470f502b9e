import { resolve } from 'node:path'
import type { Sampler, Space } from '@dlkit/search'
import { closest } from '../config/closest.js'
import { whole } from '../config/option-values.js'
import { trainingExports } from '../config/training-file.js'
import { UsageError } from '../errors.js'
import type { TrialSettings } from './train-trial.js'

/** Options that say how trials train, as text. */
export interface TrialOptions {
  metric?: string
  epochs?: string
  batch?: string
  seed?: string
  engine?: string
}

export function trialSettings(file: string, options: TrialOptions): TrialSettings {
  const { metric = 'val_loss', epochs, batch, seed, engine = 'auto' } = options
  return {
    file: resolve(file),
    metric,
    ...(epochs !== undefined && { epochs: whole('--epochs', epochs, 1) }),
    ...(batch !== undefined && { batch: whole('--batch', batch, 1) }),
    seed: seed === undefined ? 1 : whole('--seed', seed, 0),
    engine,
  }
}

/** What trials are told on every machine; file and engine are those of the machine. */
export function sharedSettings({ metric, epochs, batch, seed }: TrialSettings): Partial<TrialSettings> {
  return { metric, seed, ...(epochs !== undefined && { epochs }), ...(batch !== undefined && { batch }) }
}

const example = 'export const space = { rate: logUniform(1e-4, 1e-1) }'

/** Where a file wants to be searched. @throws UsageError where it says nothing of it, or names what it does not have. */
export async function spaceOf(file: string): Promise<Space> {
  const { space, params = {} } = await trainingExports(file)
  if (typeof space !== 'object' || space === null || Object.keys(space).length === 0)
    throw new UsageError(`${file}: exports no space to search; write ${example}`)
  const known = Object.keys(params)
  for (const name of Object.keys(space)) {
    if (known.includes(name)) continue
    const meant = closest(name, known)
    throw new UsageError(
      `${file}: space.${name}: not among the exported params; ${meant ? `did you mean ${meant}?` : 'add it there, with the value that it has without a search'}`,
    )
  }
  return space
}

const samplers = ['tpe', 'random', 'grid', 'sobol', 'coarse'] as const

/** @throws UsageError for a name that no sampler has. */
export async function samplerOf(name: string, seed: number): Promise<Sampler> {
  const search = await import('@dlkit/search')
  const made: Record<(typeof samplers)[number], () => Sampler> = {
    tpe: () => search.tpeSampler({ seed }),
    random: () => search.randomSampler({ seed }),
    grid: () => search.gridSampler({ seed }),
    sobol: () => search.sobolSampler({ seed }),
    coarse: () => search.coarseToFineSampler(),
  }
  if (Object.hasOwn(made, name)) return made[name as 'tpe']()
  const meant = closest(name, samplers)
  throw new UsageError(
    `--sampler: expected ${samplers.join(', ')}, got "${name}"${meant ? `; did you mean ${meant}?` : ''}`,
  )
}
