import { stat } from 'node:fs/promises'
import { PictureError, reasonOf } from '../errors.js'
import type { PictureSource, Skipped } from '../sources/picture-source.js'
import type { PictureLocation } from '../sources/read-location.js'
import { mapPictures, type ProgressOptions } from '../workers/map-pictures.js'
import type { WorkerPool } from '../workers/worker-pool.js'
import type { Fingerprint } from './fingerprint.js'

/** The fingerprint of each sample's coloured picture; undefined where it cannot be read. */
export async function fingerprintSource(
  source: PictureSource,
  pool: WorkerPool,
  progress: ProgressOptions & { concurrency: number },
): Promise<{ fingerprints: (Fingerprint | undefined)[]; skipped: Skipped[] }> {
  const skipped: Skipped[] = []
  const known = new Map<string, Promise<Fingerprint>>()
  const fingerprints = await mapPictures(
    source.samples,
    async ({ id }, index) => {
      try {
        const { colour } = await source.pictures(index)
        const key = await fileKey(colour)
        const fingerprint = (key && known.get(key)) || pool.run('fingerprint', { picture: colour })
        if (key) known.set(key, fingerprint)
        return await fingerprint
      } catch (error) {
        if (!(error instanceof PictureError)) throw error
        skipped.push({ file: id, reason: reasonOf(error) })
        return undefined
      }
    },
    progress,
  )
  return { fingerprints, skipped: skipped.sort((a, b) => (a.file < b.file ? -1 : 1)) }
}

/** Equal for two names of one file on disk (links), which need to be read once only. */
async function fileKey(location: PictureLocation): Promise<string | undefined> {
  if (!('file' in location)) return undefined
  const found = await stat(location.file, { bigint: true }).catch(() => undefined)
  return found && found.nlink > 1n ? `${found.dev} ${found.ino}` : undefined
}
