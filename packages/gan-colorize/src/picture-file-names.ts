import { freeName, safeStem, withoutExtension } from '@dlkit/data'

/** One PNG file name per picture id, in order; names that would be equal are numbered. */
export function pictureFileNames(ids: readonly string[]): string[] {
  const taken = new Set<string>()
  return ids.map((id) => freeName(safeStem(withoutExtension(id)), '.png', taken))
}
