import { assemble, f32, f32x4, get, i32, set, whileLoop } from './assembler.js'
import { compile, type WasmMemory } from './web-assembly.js'

/** Copies `rows` rows of `bytes` bytes, a multiple of 4, between places with their own distance of rows in bytes. */
export type RowCopy = (
  rows: number,
  bytes: number,
  from: number,
  fromStride: number,
  to: number,
  toStride: number,
) => void

const [rows, bytes, from, fromStride, to, toStride] = [0, 1, 2, 3, 4, 5] as const
const [source, target, left] = [6, 7, 8] as const

const advance = (local: number, by: number[]): number[] => set(local, i32.add(get(local), by))

const move = (size: number, step: number[]): number[] =>
  whileLoop(i32.atLeast(get(left), i32.constant(size)), [
    ...step,
    ...advance(source, i32.constant(size)),
    ...advance(target, i32.constant(size)),
    ...advance(left, i32.constant(-size)),
  ])

/** Compiles the copy for `memory`: slices, concatenations and paddings of a few values per row are too small for `memmove`. */
export function createRowCopy(memory: WasmMemory): RowCopy {
  const body = whileLoop(i32.atLeast(get(rows), i32.constant(1)), [
    ...set(source, get(from)),
    ...set(target, get(to)),
    ...set(left, get(bytes)),
    ...move(16, f32x4.store(get(target), f32x4.load(get(source)))),
    ...move(4, f32.store(get(target), f32.load(get(source)))),
    ...advance(from, get(fromStride)),
    ...advance(to, get(toStride)),
    ...advance(rows, i32.constant(-1)),
  ])
  const parts = { parameters: 6, locals: Array(3).fill('i32'), body, exportName: 'copy' }
  return compile(assemble([parts]), 'copy', memory) as RowCopy
}
