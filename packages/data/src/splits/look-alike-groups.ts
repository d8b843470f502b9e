import { createHash } from 'node:crypto'
import type { RasterPair } from '../pairs/training-pair.js'
import { luma } from '../pictures/picture.js'
import { DisjointSets } from './disjoint-sets.js'
import { splitByGroup } from './grouped-split.js'
import { areaMap, centredMap, inkMap, joinNearDuplicates } from './near-duplicates.js'

export interface GroupedPicture extends RasterPair {
  readonly id: string
  /** Hash of the file. */
  readonly digest: string
  readonly category: string
}

const shares = [0.8, 0.1, 0.1]
// The rule is 0.95; the margin keeps rounding from carrying a pair across it.
const nearDuplicateCosine = 0.945

interface GroupPicturesArgs {
  size: number
  seed: number
  signal: AbortSignal | undefined
}

/**
 * Groups look-alikes and splits by group. A folder in which nearly everything looks alike (one page in many
 * versions, dense textures) would leave nothing for validation: then weaker rules are tried in turn, and a note tells.
 */
export async function groupPictures(
  pictures: readonly GroupedPicture[],
  { size, seed, signal }: GroupPicturesArgs,
): Promise<{ groups: string[]; split: number[][]; notes: string[] }> {
  const ink = pictures.map(({ line }) => inkMap(line, size, size))
  const light = pictures.map(({ colour }) => centredMap(lightnessMap(colour, size)))
  const centredInk = (): Float32Array[] => ink.map(centredMap)
  const rules: { maps: () => Float32Array[][]; identical: boolean; note?: string }[] = [
    { maps: () => [ink, light], identical: true },
    {
      maps: () => [centredInk(), light],
      identical: true,
      note: 'Most pictures have their ink in the same places: only closer look-alikes are kept in one split.',
    },
    {
      maps: () => [],
      identical: true,
      note: 'Nearly all pictures look alike: train and validation hold look-alikes, so scores say little about others.',
    },
    {
      maps: () => [],
      identical: false,
      note: 'Nearly all pictures are equal: train and validation hold the same pictures, so scores say nothing.',
    },
  ]
  for (const { maps, identical, note } of rules) {
    const sets = new DisjointSets(pictures.length)
    if (identical) {
      sets.joinEqual(pictures.map(({ digest }) => digest))
      sets.joinEqual(pictures.map(({ line }) => createHash('sha256').update(line).digest('hex')))
    }
    for (const list of maps()) await joinNearDuplicates(sets, list, nearDuplicateCosine, signal)
    const groups = pictures.map((_, index) => pictures[sets.find(index)]!.id)
    const items = pictures.map(({ category }, index) => ({ category, group: groups[index]! }))
    const split = splitByGroup(items, shares, seed)
    const [train, validation] = split.map((indices) => indices.length)
    const enough = (count: number, share: number): boolean =>
      count >= Math.max(1, 0.5 * share * pictures.length)
    if (enough(train!, shares[0]!) && enough(validation!, shares[1]!)) {
      return { groups, split, notes: note ? [note] : [] }
    }
  }
  throw new Error(`groupPictures: expected at least 2 pictures, got ${pictures.length}. Add pictures.`)
}

function lightnessMap(colour: Uint8Array, size: number): Float32Array {
  const lightness = Float32Array.from({ length: size * size }, (_, pixel) =>
    luma(colour[3 * pixel]!, colour[3 * pixel + 1]!, colour[3 * pixel + 2]!),
  )
  return areaMap(lightness, size, size)
}
