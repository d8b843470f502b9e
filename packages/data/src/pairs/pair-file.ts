import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { brotliCompress, brotliDecompress, constants } from 'node:zlib'
import { DataError } from '../errors.js'
import { lockTest } from '../splits/locked-splits.js'
import { splitNames } from '../splits/split-names.js'
import { hashSplits, type PairDataset, type PairSet } from './pair-set.js'

const MAGIC = 'dlkit pairs 1\n'

interface Meta {
  name: string
  size: number
  hash: string
  attribution?: string
  notes: readonly string[]
  /** For each split, in the order of `splitNames`. */
  splits: { ids: readonly string[]; groups?: readonly string[]; categories?: readonly string[] }[]
}

/**
 * A prepared data set, with its splits, as one small file: it is read without decoding a picture.
 * The test split is written, too, and counts as not opened where the file is read.
 */
export async function encodePairs(dataset: PairDataset): Promise<Buffer> {
  const sets = splitNames.map((name) => dataset.open(name))
  const { name, size, attribution, notes } = dataset
  const splits = Object.fromEntries(splitNames.map((split, i) => [split, sets[i]!])) as Record<
    'train' | 'validation' | 'test',
    PairSet
  >
  const meta: Meta = {
    name,
    size,
    hash: hashSplits(splits),
    ...(attribution !== undefined && { attribution }),
    notes,
    splits: sets.map(({ ids, groups, categories }) => ({
      ids,
      ...(groups && { groups }),
      ...(categories && { categories }),
    })),
  }
  const head = Buffer.from(`${JSON.stringify(meta)}\n`)
  const content = Buffer.concat([head, ...sets.flatMap(({ line, colour }) => [line, colour])])
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: 9,
    [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
    [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
  }
  return Buffer.concat([Buffer.from(MAGIC), await promisify(brotliCompress)(content, { params })])
}

/**
 * Reads what `encodePairs` wrote.
 *
 * @throws {DataError} for any other file, and for one that is cut or damaged.
 */
export async function readPairs(file: string): Promise<PairDataset> {
  const bytes = await readFile(file)
  const fail = (what: string) =>
    new DataError(
      `readPairs: expected pairs that encodePairs wrote, got ${what} (${file}). Make the file again.`,
    )
  if (bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) throw fail('another kind of file')
  let content: Buffer
  try {
    content = await promisify(brotliDecompress)(bytes.subarray(MAGIC.length))
  } catch {
    throw fail('a damaged file')
  }
  const end = content.indexOf(10)
  const { hash, splits: described, ...meta } = JSON.parse(content.toString('utf8', 0, end)) as Meta
  let from = end + 1
  const take = (length: number) => {
    from += length
    return new Uint8Array(content.buffer, content.byteOffset + from - length, length)
  }
  const sets = described.map((split): PairSet => {
    const pixels = split.ids.length * meta.size ** 2
    return { ...split, size: meta.size, line: take(pixels), colour: take(3 * pixels) }
  })
  const splits = { train: sets[0]!, validation: sets[1]!, test: sets[2]! }
  if (hashSplits(splits) !== hash) throw fail('a damaged file')
  return { ...meta, hash, ...lockTest(splits, (set) => set.ids.length), skipped: [] }
}
