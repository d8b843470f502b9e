import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { namesIn } from './names-in.js'
import { isLiving } from './processes.js'

/** A checkpoint that cannot be written, or no checkpoint that can be read. The message is one line for the user. */
export class CheckpointError extends Error {
  override readonly name = 'CheckpointError'
}

/** `manifest.json` of a checkpoint: what the checkpoint must hold to be whole. */
export interface Manifest {
  formatVersion: typeof FORMAT_VERSION
  step: number
  files: Record<string, { bytes: number; sha256: string }>
}

export const FORMAT_VERSION = 1
export const MANIFEST = 'manifest.json'
export const TENSORS = 'tensors.safetensors'
export const STATE = 'state.json'
export const METRICS = 'metrics.json'

const CHECKPOINT = /^step-(\d{6,})(\.old)?$/
const UNFINISHED = /^\.saving-step-\d+-(\d+)$/

export function checkpointsFolder(runPath: string): string {
  return join(runPath, 'checkpoints')
}

export function checkpointName(step: number): string {
  return `step-${String(step).padStart(6, '0')}`
}

export function checkpointPath(runPath: string, step: number): string {
  return join(checkpointsFolder(runPath), checkpointName(step))
}

/** Name under which this process writes a checkpoint before it is whole. */
export function unfinishedName(step: number): string {
  return `.saving-${checkpointName(step)}-${process.pid}`
}

/**
 * The checkpoints of a run, newest first, whole or not.
 *
 * `.old` marks the former checkpoint of a step that is being written again; it counts when the new one is damaged or
 * when the process was killed between the two renames.
 */
export function listCheckpoints(runPath: string): { step: number; path: string }[] {
  const folder = checkpointsFolder(runPath)
  return namesIn(folder)
    .flatMap((name) => {
      const match = CHECKPOINT.exec(name)
      return match ? [{ step: Number(match[1]), old: match[2] !== undefined, path: join(folder, name) }] : []
    })
    .sort((a, b) => b.step - a.step || Number(a.old) - Number(b.old))
    .map(({ step, path }) => ({ step, path }))
}

/** Paths of all checkpoints of later steps. */
export function checkpointsAfter(runPath: string, step: number): string[] {
  return listCheckpoints(runPath)
    .filter((checkpoint) => checkpoint.step > step)
    .map(({ path }) => path)
}

/** Folders that a killed process left while it was writing a checkpoint. Those of living processes do not count. */
export function abandonedFolders(runPath: string): string[] {
  const folder = checkpointsFolder(runPath)
  return namesIn(folder).flatMap((name) => {
    const match = UNFINISHED.exec(name)
    return match && !isOther(Number(match[1])) ? [join(folder, name)] : []
  })
}

/** As a manifest names it. */
export function hashOf(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex')
}

function isOther(pid: number): boolean {
  return pid !== process.pid && isLiving(pid)
}
