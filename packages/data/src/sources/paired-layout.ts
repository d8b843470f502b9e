import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { saturatedArea } from '../pictures/picture.js'
import { readPicture } from '../pictures/read-picture.js'
import { listPictures } from './list-pictures.js'

export interface FolderPair {
  line: string
  colour: string
}

const lineNames = /^(line|lines|line[-_ ]?arts?|sketch|sketches|ink|inks|drawings?)$/i
const colourNames = /^(colou?r|colou?rs|colou?red|paint|painted|flats?)$/i
/** Of A and B, `trainA` and `trainB`, either may be the line art. */
const lettered = /^(.*?)[-_ ]?([AB])$/

/**
 * Folders of line art beside folders of the same pictures in colour, in a folder or in the folders in it: `line` and
 * `colour` and their like, `A` and `B`, `trainA` and `trainB`, `train/A` and `train/B`. Which of A and B is the line art
 * is seen by their colours.
 */
export async function findPairedFolders(folder: string): Promise<FolderPair[]> {
  const names = await foldersIn(folder)
  const pairs = await pairsAmong(folder, names)
  if (pairs.length > 0) return pairs
  const deeper: FolderPair[] = []
  for (const name of names) {
    const inside = join(folder, name)
    deeper.push(...(await pairsAmong(inside, await foldersIn(inside))))
  }
  return deeper
}

async function pairsAmong(folder: string, names: readonly string[]): Promise<FolderPair[]> {
  const line = names.filter((name) => lineNames.test(name))
  const colour = names.filter((name) => colourNames.test(name))
  if (line.length === 1 && colour.length === 1) {
    return [{ line: join(folder, line[0]!), colour: join(folder, colour[0]!) }]
  }
  const pairs: FolderPair[] = []
  for (const name of names) {
    const [, stem, letter] = lettered.exec(name) ?? []
    if (stem === undefined || letter !== 'A') continue
    const partner = names.find((other) => other !== name && lettered.exec(other)?.[1] === stem)
    if (partner === undefined) continue
    const [a, b] = [join(folder, name), join(folder, partner)]
    pairs.push((await colourOf(a)) <= (await colourOf(b)) ? { line: a, colour: b } : { line: b, colour: a })
  }
  return pairs
}

const LOOKED_AT = 8

/** Mean share of the pixels that have colour, in a few of the pictures. */
async function colourOf(folder: string): Promise<number> {
  const files = await listPictures([folder])
  const count = Math.min(LOOKED_AT, files.length)
  const shares: number[] = []
  for (let i = 0; i < count; i++) {
    const file = files[Math.floor((i * files.length) / count)]!
    const picture = await readPicture(file).catch(() => undefined)
    if (picture) shares.push(saturatedArea(picture.data, 24))
  }
  return shares.reduce((sum, share) => sum + share, 0) / Math.max(1, shares.length)
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => name)
    .sort()
}
