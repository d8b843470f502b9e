import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Parts } from './parts/part.js'
import { loadParts, saveParts } from './parts/resume.js'
import { snapshotParts, withSavedParts } from './parts/saved-parts.js'
import { reasonOf } from './reason-of.js'

type Numbers = Record<string, number>

/** Options of `dryRun`. */
export interface DryRunArgs {
  /** Everything that the training changes, as for `checkpoint`. */
  parts: Parts
  /** As in `runSteps`: trains one step, returns its losses. */
  step: (step: number) => Numbers | Promise<Numbers>
  /** As `validate.run` in `runSteps`. */
  validate?: (step: number) => Numbers | Promise<Numbers>
  /** Makes samples, evaluates, writes a picture: what happens now and then. */
  sample?: (step: number) => unknown
  /** The folder where the checkpoint is tried. Default: the system's folder for temporary files. */
  run?: { readonly path: string }
  /** Whether a resumed training has to continue bit for bit. Default: true. */
  exact?: boolean
}

/** What `dryRun` tries, in this order. */
export type DryRunStage = 'train' | 'validate' | 'sample' | 'checkpoint' | 'resume'

/** How long the stages took, in seconds, and the size of a checkpoint in bytes. */
export interface DryRunResult {
  /** How long each stage took. The first step is often slower than the others. */
  seconds: Partial<Record<DryRunStage, number>>
  checkpointBytes: number
}

/** A stage of a dry run has failed. `cause` is what it has thrown. */
export class DryRunError extends Error {
  override readonly name = 'DryRunError'
  readonly stage: DryRunStage

  constructor(stage: DryRunStage, reason: string, cause?: unknown) {
    super(`dryRun: ${stage} failed: ${reason}`, { cause })
    this.stage = stage
  }
}

/**
 * Goes through everything that a long training does, one step each: train, validate, sample, save a checkpoint, resume
 * from it. After the resume it trains the same step twice and compares all bits, so that what a checkpoint forgets is found
 * before it matters. All parts are as before when it ends.
 *
 * @throws {DryRunError} naming the first stage that failed.
 */
export async function dryRun(args: DryRunArgs): Promise<DryRunResult> {
  const { parts, step, validate, sample, run, exact = true } = args
  const seconds: DryRunResult['seconds'] = {}
  const stage = async <Result>(name: DryRunStage, act: () => Result | Promise<Result>): Promise<Result> => {
    const start = performance.now()
    try {
      return await act()
    } catch (error) {
      throw error instanceof DryRunError ? error : new DryRunError(name, reasonOf(error), error)
    } finally {
      seconds[name] = (performance.now() - start) / 1000
    }
  }
  const before = snapshotParts(parts)
  let folder: string | undefined
  try {
    await stage('train', async () => refuseNonFinite('train', await step(1)))
    if (validate) await stage('validate', async () => refuseNonFinite('validate', await validate(1)))
    if (sample) await stage('sample', () => sample(1))
    const path = await stage('checkpoint', () => {
      folder = mkdtempSync(join(run?.path ?? tmpdir(), '.dry-run-'))
      return saveParts({ path: folder }, parts, { step: 1 })
    })
    await stage('resume', () => continueTwice({ path: folder! }, parts, step, exact))
    return { seconds, checkpointBytes: sizeOf(path) }
  } finally {
    before.restore()
    before.dispose()
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  }
}

async function continueTwice(
  folder: { path: string },
  parts: Parts,
  step: DryRunArgs['step'],
  exact: boolean,
): Promise<void> {
  await step(2)
  const expected = await readValues(parts)
  await loadParts(folder, parts)
  await step(2)
  if (!exact) return
  const got = await readValues(parts)
  const differing = [...expected].find(([name, value]) => got.get(name) !== value)?.[0]
  if (differing === undefined) return
  throw new DryRunError(
    'resume',
    `the step after a resume gives other values of ${differing} than the same step without. Something that it depends on is not ` +
      'among the parts: the position in the data, a random state, dropout of TensorFlow.js.',
  )
}

/** All numbers by name, as text that is equal where all bits are. */
async function readValues(parts: Parts): Promise<Map<string, string>> {
  return withSavedParts(parts, async ({ tensors, state }) => {
    const values = new Map<string, string>()
    for (const [name, tensor] of Object.entries(tensors)) {
      const { buffer, byteOffset, byteLength } = (await tensor.data()) as Float32Array
      values.set(name, Buffer.from(buffer, byteOffset, byteLength).toString('latin1'))
    }
    for (const [name, value] of Object.entries(state)) values.set(name, JSON.stringify(value))
    return values
  })
}

function refuseNonFinite(stage: DryRunStage, numbers: Numbers): void {
  for (const [name, value] of Object.entries(numbers ?? {})) {
    if (Number.isFinite(value)) continue
    throw new DryRunError(stage, `expected ${name} to be a finite number, got ${String(value)}.`)
  }
}

function sizeOf(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)
}
