import { realpath, stat } from 'node:fs/promises'
import { basename, dirname, extname, join, relative, resolve, sep } from 'node:path'
import { listPictures } from '@dlkit/data'
import { Failure } from '../errors.js'

export interface Skipped {
  file: string
  reason: string
}

export interface ColorizeJob {
  input: string
  output: string
}

/**
 * Decides which pictures are coloured into which files. A file goes straight into the output folder; what is in
 * a folder keeps its place in it. Results are PNG files; of two inputs with the same result, the second gets a
 * number. Earlier results inside a searched folder are not coloured again.
 */
export async function planOutputs(
  paths: readonly string[],
  out: string,
): Promise<{ jobs: ColorizeJob[]; skipped: Skipped[] }> {
  const jobs: ColorizeJob[] = []
  const skipped: Skipped[] = []
  const taken = new Set<string>()
  const add = (input: string, place: string) => {
    const stem = join(out, dirname(place), basename(place, extname(place)))
    let output = `${stem}.png`
    for (let number = 2; taken.has(output); number++) output = `${stem}-${number}.png`
    taken.add(output)
    jobs.push({ input, output })
  }
  for (const path of paths) {
    const found = await stat(path).catch(() => undefined)
    if (!found) skipped.push({ file: path, reason: 'no such file or folder' })
    else if (!found.isDirectory()) add(path, basename(path))
    else {
      const inside = (await listPictures([path])).filter((file) => !isResult(file, path, out))
      if (inside.length === 0) skipped.push({ file: path, reason: 'no pictures in this folder' })
      for (const file of inside) add(file, relative(path, file))
    }
  }
  return { jobs, skipped }
}

/** Files of the output folder, when that is below the searched one. */
function isResult(file: string, searched: string, out: string): boolean {
  const below = resolve(out)
  return below.startsWith(resolve(searched) + sep) && resolve(file).startsWith(below + sep)
}

/** @throws Failure when a result would replace a picture that is read or, unless forced, any other file. */
export async function assertNothingLost(jobs: readonly ColorizeJob[], force: boolean): Promise<void> {
  const real = (file: string) => realpath(file).catch(() => undefined)
  const inputs = new Set(await Promise.all(jobs.map(({ input }) => real(input))))
  const existing: string[] = []
  for (const { output } of jobs) {
    const file = await real(output)
    if (file === undefined) continue
    if (inputs.has(file))
      throw new Failure(`${output}: would replace a picture that is to be coloured. Choose another -o`)
    existing.push(output)
  }
  if (existing.length === 0 || force) return
  const others = existing.length > 1 ? ` and ${existing.length - 1} more` : ''
  throw new Failure(`${existing[0]}${others}: exists already. Choose another -o, or replace with --force`)
}
