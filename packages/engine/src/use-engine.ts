import '@tensorflow/tfjs-backend-cpu'
import { correctTensorFlow } from '@dlkit/corrections'
import * as tf from '@tensorflow/tfjs-core'
import { candidates } from './candidates.js'
import { type EngineCandidate, type EngineDevice, type EngineName, firstLine } from './engine.js'
import { nameUnregisteredClasses } from './name-unregistered-classes.js'

/** Options of `useEngine`. */
export interface UseEngineOptions {
  /** Take this engine or fail. Default: the first of the list that works here. */
  prefer?: EngineName
  /** Take an engine that computes on this device or fail. Default: any. */
  device?: EngineDevice
  /**
   * Threads of one operation, at least 1: for `onnxruntime`; the other engines choose for themselves. Default: the
   * number of physical cores. Results may differ in the last bits from one number to another.
   */
  threads?: number
}

/** The engine that was taken, and why not the others. */
export interface EngineChoice {
  name: EngineName
  device: EngineDevice
  /** Version of the package behind the engine. */
  version: string
  /** Why this one. */
  reason: string
  /** The other engines in order of preference, each with the reason why it was not taken. */
  others: { name: EngineName; reason: string }[]
}

/**
 * Chooses the best TensorFlow.js backend that can train here, prepares it and makes it the current one.
 *
 * Call it once before the first tensor. Calling it again is fine, also to change engines; tensors made before stay
 * on the engine they were made on and move when they are used.
 *
 * @throws {RangeError} when `prefer` or `device` is not a known name, or `threads` is not a positive integer.
 * @throws {Error} when the preferred engine, or every engine of the device, does not work here.
 *
 * @example
 * const engine = await useEngine()
 * console.log(`${engine.name} ${engine.version}: ${engine.reason}`)
 */
export async function useEngine(options: UseEngineOptions = {}): Promise<EngineChoice> {
  nameUnregisteredClasses()
  return chooseEngine(candidates, options)
}

/** `useEngine` over a given table, best first. */
export async function chooseEngine(
  table: readonly EngineCandidate[],
  { prefer, device, threads }: UseEngineOptions,
): Promise<EngineChoice> {
  check(table, prefer, device, threads)
  correctTensorFlow()
  const before = tf.engine().backendName
  const reasons = new Map<EngineName, string>()
  for (const candidate of table) {
    const skip = skipReason(candidate, prefer, device) ?? candidate.unavailable()
    if (skip !== undefined) {
      reasons.set(candidate.name, skip)
      continue
    }
    try {
      const { version } = await candidate.activate({ ...(threads !== undefined && { threads }) })
      const reason = explain(candidate, prefer, device)
      return {
        name: candidate.name,
        device: candidate.device,
        version,
        reason,
        others: others(table, candidate, reasons),
      }
    } catch (error) {
      reasons.set(candidate.name, firstLine(error))
    }
  }
  if (before) await tf.setBackend(before)
  throw new Error(failure(table, reasons, prefer, device))
}

function check(
  table: readonly EngineCandidate[],
  prefer?: EngineName,
  device?: EngineDevice,
  threads?: number,
): void {
  const names = table.map(({ name }) => name)
  if (prefer !== undefined && !names.includes(prefer)) {
    throw new RangeError(
      `useEngine: expected prefer to be one of ${names.join(', ')}, got "${prefer}". Leave it out to get the best one.`,
    )
  }
  if (device !== undefined && device !== 'cpu' && device !== 'gpu') {
    throw new RangeError(
      `useEngine: expected device to be cpu or gpu, got "${device}". Leave it out to take any.`,
    )
  }
  if (threads !== undefined && !(Number.isInteger(threads) && threads > 0)) {
    throw new RangeError(
      `useEngine: expected threads to be a positive integer, got ${threads}. Leave it out to use every core.`,
    )
  }
  const preferred = table.find(({ name }) => name === prefer)
  if (preferred !== undefined && device !== undefined && preferred.device !== device) {
    throw new RangeError(
      `useEngine: expected prefer and device to agree, got prefer="${prefer}", device="${device}" ` +
        `(${prefer} computes on the ${preferred.device}). Leave one of them out.`,
    )
  }
}

function skipReason(
  candidate: EngineCandidate,
  prefer?: EngineName,
  device?: EngineDevice,
): string | undefined {
  if (prefer !== undefined && candidate.name !== prefer)
    return candidate.unavailable() ?? `${prefer} was asked for`
  if (device !== undefined && candidate.device !== device) return `computes on the ${candidate.device}`
  return undefined
}

function explain(chosen: EngineCandidate, prefer?: EngineName, device?: EngineDevice): string {
  if (prefer !== undefined) return `asked for (${chosen.summary})`
  return `first choice ${device ? `on a ${device} ` : ''}that works here (${chosen.summary})`
}

function others(
  table: readonly EngineCandidate[],
  chosen: EngineCandidate,
  reasons: Map<EngineName, string>,
) {
  return table
    .filter((candidate) => candidate !== chosen)
    .map((candidate) => ({
      name: candidate.name,
      reason: reasons.get(candidate.name) ?? candidate.unavailable() ?? `comes after ${chosen.name}`,
    }))
}

function failure(
  table: readonly EngineCandidate[],
  reasons: Map<EngineName, string>,
  prefer?: EngineName,
  device?: EngineDevice,
): string {
  if (prefer !== undefined) {
    return `useEngine: expected ${prefer} to work here, got "${reasons.get(prefer)}". Leave prefer out to get the best engine that works.`
  }
  const tried = table
    .filter((candidate) => device === undefined || candidate.device === device)
    .map(({ name }) => `${name}: ${reasons.get(name)}`)
    .join('; ')
  const what = device === 'gpu' ? 'a GPU engine' : 'an engine'
  const fix =
    device === 'gpu' ? 'Install what one of them needs, or leave device out' : 'Reinstall @dlkit/engine'
  return `useEngine: expected ${what} that works here, got none (${tried}). ${fix}.`
}
