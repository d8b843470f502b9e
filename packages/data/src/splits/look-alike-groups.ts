import { createHash } from 'node:crypto'
import type { RasterPair } from '../pairs/raster-pair.js'
import { luma } from '../pictures/picture.js'
import type { SourceSample } from '../sources/picture-source.js'
import { DisjointSets } from './disjoint-sets.js'
import { splitByGroup } from './grouped-split.js'
import { areaMap, centredMap, inkMap, joinNearDuplicates } from './near-duplicates.js'
import { type SplitShares, splitNames } from './split-names.js'

type Pair = SourceSample & RasterPair & { readonly digest?: string }

// The rule is 0.95; the margin keeps rounding from carrying a pair across it.
const nearDuplicateCosine = 0.945

interface GroupPairsArgs {
  size: number
  seed: number
  shares: SplitShares
  signal: AbortSignal | undefined
}

/**
 * Groups look-alikes and splits by group. A folder in which nearly everything looks alike (one page in many
 * versions, dense textures) would leave nothing for validation: then weaker rules are tried in turn, and a note tells.
 */
export async function groupPairs(
  pairs: readonly Pair[],
  { size, seed, shares, signal }: GroupPairsArgs,
): Promise<{ groups: string[]; split: number[][]; notes: string[] }> {
  const ink = pairs.map(({ line }) => inkMap(line, size, size))
  const light = pairs.map(({ colour }) => centredMap(lightnessMap(colour, size)))
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
    const sets = new DisjointSets(pairs.length)
    sets.joinEqual(pairs.map(({ id, group }) => (group === undefined ? `id ${id}` : `group ${group}`)))
    if (identical) {
      sets.joinEqual(pairs.map(({ id, digest }) => digest ?? id))
      sets.joinEqual(pairs.map(({ line }) => createHash('sha256').update(line).digest('hex')))
    }
    for (const list of maps()) await joinNearDuplicates(sets, list, nearDuplicateCosine, signal)
    const groups = pairs.map((_, index) => pairs[sets.find(index)]!.id)
    const items = pairs.map(({ category }, index) => ({ category, group: groups[index]! }))
    const split = splitByGroup(
      items,
      splitNames.map((name) => shares[name]),
      seed,
    )
    const [train, validation] = split.map((indices) => indices.length)
    const whole = shares.train + shares.validation + shares.test
    const enough = (count: number, share: number): boolean =>
      count >= Math.max(1, (0.5 * share * pairs.length) / whole)
    if (enough(train!, shares.train) && enough(validation!, shares.validation)) {
      return { groups, split, notes: note ? [note] : [] }
    }
  }
  throw new Error(`groupPairs: expected at least 2 pictures, got ${pairs.length}. Add pairs.`)
}

function lightnessMap(colour: Uint8Array, size: number): Float32Array {
  const lightness = Float32Array.from({ length: size * size }, (_, pixel) =>
    luma(colour[3 * pixel]!, colour[3 * pixel + 1]!, colour[3 * pixel + 2]!),
  )
  return areaMap(lightness, size, size)
}
