import { closeSync, fstatSync, readSync } from 'node:fs'
import { openRegularFile } from '@dlkit/training/files'

const TAIL = 1 << 14

/** The step of the last complete line of the first of these files that has one, and when that file changed. */
export function lastStepIn(paths: readonly string[]): { step: number; changed: number } | undefined {
  for (const path of paths) {
    const last = lastStep(path)
    if (last !== undefined) return last
  }
  return undefined
}

function lastStep(path: string): { step: number; changed: number } | undefined {
  let file: number
  try {
    file = openRegularFile(path)
  } catch {
    return undefined
  }
  try {
    const { size, mtimeMs } = fstatSync(file)
    const bytes = Buffer.alloc(Math.min(size, TAIL))
    readSync(file, bytes, 0, bytes.length, size - bytes.length)
    const end = bytes.lastIndexOf(10)
    const line = bytes.subarray(bytes.lastIndexOf(10, end - 1) + 1, Math.max(0, end)).toString()
    const step = /"step":\s*(\d+)/.exec(line)?.[1]
    return step === undefined ? undefined : { step: Number(step), changed: Math.round(mtimeMs) }
  } finally {
    closeSync(file)
  }
}
