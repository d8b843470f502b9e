import { join } from 'node:path'
import type { Config } from '@dlkit/gan-colorize/config'
import { existingData } from '../config/existing-data.js'
import { type ConfigFlags, resolveConfig } from '../config/resolve-config.js'
import { Failure, UsageError } from '../errors.js'
import { command } from '../output/command.js'
import { shellWord } from '../output/format.js'
import { assertWritable, isTaken } from './new-folder.js'
import { readRunConfig } from './run-config.js'

export interface TrainOptions extends ConfigFlags {
  preset?: string
  out?: string
  resume?: string
  from?: string
  epochs?: string
  set?: string[]
  check?: boolean
  dashboard?: true
  allowControl?: true
  json?: true
  quiet?: true
  verbose?: true
}

export interface TrainingPlan {
  config: Config
  out: string
  resume: boolean
  /** The run whose networks a new one starts with. */
  from?: string
  /** The engine that a resumed run was trained on. */
  engine?: string
}

/** Decides what to train and where, and finds every mistake that can be found before anything is loaded. */
export async function planTraining(file: string | undefined, options: TrainOptions): Promise<TrainingPlan> {
  if (options.resume !== undefined) return planResume(options.resume, file, options)
  const given = (['epochs', 'set'] as const).find((name) => options[name] !== undefined)
  if (given)
    throw new UsageError(`--${given}: is for models of your own, as in ${command()} train my-model.ts`)
  const { preset, out: named, from, data, size, batch, steps, seed, engine } = options
  const flags = withoutUndefined({ data, size, batch, steps, seed, engine })
  const base = from === undefined ? undefined : { name: from, config: (await readRunConfig(from)).config }
  const config = await resolveConfig(file, preset, flags, base)
  return { config, out: await newRunFolder(named), resume: false, ...(from !== undefined && { from }) }
}

/** The folder of a new run: the one that is named, or `runs/<date-time>`. @throws Failure when it cannot be made. */
export async function newRunFolder(named: string | undefined): Promise<string> {
  const out = named ?? (await freeRunFolder())
  await assertWritable(out)
  if (await isTaken(out)) {
    throw new Failure(
      `${out}: exists already. Choose another --out, or continue it with: ${command()} train --resume ${shellWord(out)}`,
    )
  }
  return out
}

function withoutUndefined(flags: { [Key in keyof ConfigFlags]: string | undefined }): ConfigFlags {
  return Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined))
}

const ownOptions = new Set(['resume', 'steps', 'data', 'check', 'json', 'quiet', 'verbose'])

/** @throws UsageError for options that would change a run that is continued. */
export function refuseChanges(out: string, file: string | undefined, options: TrainOptions): void {
  const given = Object.keys(options).find((name) => !ownOptions.has(name))
  if (given !== undefined || file !== undefined) {
    const what = given === undefined ? file : `--${given}`
    throw new UsageError(
      `--resume continues with the configuration of ${out}; ${what} cannot be changed. Only --steps can be raised, and --data name the new place of the same pictures`,
    )
  }
}

async function planResume(
  out: string,
  file: string | undefined,
  options: TrainOptions,
): Promise<TrainingPlan> {
  refuseChanges(out, file, options)
  const { config, engine } = await readRunConfig(out)
  await assertWritable(out)
  const steps = options.steps === undefined ? config.steps : Number(options.steps)
  if (!Number.isInteger(steps) || steps < config.steps) {
    throw new UsageError(
      `--steps: expected at least ${config.steps}, which ${out} is made for, got ${options.steps}`,
    )
  }
  const data = options.data === undefined ? config.data : existingData(options.data, '--data')
  return { config: { ...config, steps, data }, out, resume: true, ...(engine !== undefined && { engine }) }
}

/** `runs/2026-01-31-174500`, with a number behind it when that is taken. */
async function freeRunFolder(): Promise<string> {
  const now = new Date()
  const local = new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString()
  const name = join('runs', `${local.slice(0, 10)}-${local.slice(11, 19).replaceAll(':', '')}`)
  let free = name
  for (let number = 2; await isTaken(free); number++) free = `${name}-${number}`
  return free
}
