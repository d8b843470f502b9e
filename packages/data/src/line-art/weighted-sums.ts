import { weightedSums } from './weighted-sums.wasm.js'

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): void }
  addWeighted(
    values: number,
    offsets: number,
    weights: number,
    radius: number,
    sums: number,
    length: number,
  ): void
}

// The types of Node leave this to those of browsers.
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object) => { readonly exports: unknown }
}

const module = new WebAssembly.Module(Uint8Array.from(atob(weightedSums), (letter) => letter.charCodeAt(0)))
const { memory, addWeighted } = new WebAssembly.Instance(module).exports as Exports

/** Sums are added 16 at a time: lines to be summed are that much longer. */
export const sumsAtOnce = 16

/** Places in the memory of `addWeighted`, as floats; valid until the next call of `allocate`. */
export interface Block {
  readonly address: number
  readonly floats: Float32Array
  readonly integers: Uint32Array
}

/** Lays blocks of so many numbers into the memory, which is kept between calls and grows when needed. */
export function allocate<Name extends string>(lengths: Record<Name, number>): Record<Name, Block> {
  const total = Object.values<number>(lengths).reduce((sum, length) => sum + 4 * length, 0)
  const missing = total - memory.buffer.byteLength
  if (missing > 0) memory.grow(Math.ceil(missing / 65536))
  let address = 0
  const blocks = {} as Record<Name, Block>
  for (const name of Object.keys(lengths) as Name[]) {
    const place = [memory.buffer, address, lengths[name]] as const
    blocks[name] = { address, floats: new Float32Array(...place), integers: new Uint32Array(...place) }
    address += 4 * lengths[name]
  }
  return blocks
}

export { addWeighted }
