import {
  assemble,
  type Code,
  call,
  countDown,
  type FunctionSource,
  f32,
  f32x4,
  get,
  i32,
  set,
  type ValueType,
  whileLoop,
} from './assembler.js'
import { compile, type WasmMemory } from './web-assembly.js'

/**
 * `C[m][n] += Σ A[m][k] · B[k][n]` on float32 in WebAssembly memory. All pointers and strides are in bytes. The
 * sum runs over three nested counts, so that a convolution can walk over (picture, row, pixel) or (filter row,
 * filter column, channel) in place: nothing is unrolled into columns, transposed or packed. Neighbours in n
 * are neighbours in memory. Every count is at least 1.
 */
export type MatrixKernel = (
  m: number,
  n: number,
  k2: number,
  k1: number,
  k0: number,
  a: number,
  aStrideM: number,
  aStride2: number,
  aStride1: number,
  aStride0: number,
  b: number,
  bStride2: number,
  bStride1: number,
  bStride0: number,
  c: number,
  cStrideM: number,
) => void

/** Rows of a tile: 4 × 8 accumulators, the values of B and a value of A fill the 16 vector registers. */
const tileRows = 4
/** Columns of a tile: two vectors, one vector, one float. */
const tileColumns = [8, 4, 1] as const

const parameterNames = [
  'm',
  'n',
  'k2',
  'k1',
  'k0',
  'a',
  'am',
  'a2',
  'a1',
  'a0',
  'b',
  'b2',
  'b1',
  'b0',
  'c',
  'cm',
]
const p = Object.fromEntries(parameterNames.map((name, index) => [name, index])) as Record<string, number>
const parameter = (name: string): number => p[name] as number
const advance = (pointer: number, stride: number): Code => set(pointer, i32.add(get(pointer), get(stride)))

/** One tile of `rows` × `columns`, accumulated in registers over the whole sum. */
function tile(rows: number, columns: (typeof tileColumns)[number]): FunctionSource {
  const scalar = columns === 1
  const [load, splat, store, add, multiply] = scalar
    ? [f32.load, f32.load, f32.store, f32.add, f32.multiply]
    : [f32x4.load, f32x4.loadSplat, f32x4.store, f32x4.add, f32x4.multiply]
  const vectors = Math.ceil(columns / 4)
  const locals: ValueType[] = []
  const local = (type: ValueType): number => parameterNames.length + locals.push(type) - 1
  const number = scalar ? 'f32' : 'f32x4'
  const rowIndices = Array.from({ length: rows }, (_, row) => row)
  const vectorIndices = Array.from({ length: vectors }, (_, index) => index)

  const [count1, count0, a1, b1, b0] = [local('i32'), local('i32'), local('i32'), local('i32'), local('i32')]
  const aRows = rowIndices.map(() => local('i32'))
  const cRows = rowIndices.map(() => local('i32'))
  const sums = rowIndices.map(() => vectorIndices.map(() => local(number)))
  const bValues = vectorIndices.map(() => local(number))
  const aValue = local(number)

  /** `first`, then each further row `stride` bytes on. */
  const rowPointers = (pointers: number[], first: number, stride: number): Code =>
    pointers.flatMap((pointer, row) =>
      set(pointer, row === 0 ? get(first) : i32.add(get(pointers[row - 1] as number), get(stride))),
    )
  const sum = (row: number, index: number): number => sums[row]?.[index] as number
  const innermost: Code = [
    ...bValues.flatMap((value, index) => set(value, load(get(b0), 16 * index))),
    ...aRows.flatMap((pointer, row) => [
      ...set(aValue, splat(get(pointer))),
      ...bValues.flatMap((value, index) =>
        set(sum(row, index), add(get(sum(row, index)), multiply(get(aValue), get(value)))),
      ),
      ...advance(pointer, parameter('a0')),
    ]),
    ...advance(b0, parameter('b0')),
  ]
  const overPixels: Code = [
    ...rowPointers(aRows, a1, parameter('am')),
    ...set(b0, get(b1)),
    ...set(count0, get(parameter('k0'))),
    ...countDown(count0, innermost),
    ...advance(a1, parameter('a1')),
    ...advance(b1, parameter('b1')),
  ]
  const overRows: Code = [
    ...set(a1, get(parameter('a'))),
    ...set(b1, get(parameter('b'))),
    ...set(count1, get(parameter('k1'))),
    ...countDown(count1, overPixels),
    ...advance(parameter('a'), parameter('a2')),
    ...advance(parameter('b'), parameter('b2')),
  ]
  const eachSum = (code: (pointer: Code, accumulator: number, offset: number) => Code): Code =>
    cRows.flatMap((pointer, row) =>
      vectorIndices.flatMap((index) => code(get(pointer), sum(row, index), 16 * index)),
    )
  return {
    parameters: parameterNames.length,
    locals,
    body: [
      ...rowPointers(cRows, parameter('c'), parameter('cm')),
      ...eachSum((pointer, accumulator, offset) => set(accumulator, load(pointer, offset))),
      ...countDown(parameter('k2'), overRows),
      ...eachSum((pointer, accumulator, offset) => store(pointer, get(accumulator), offset)),
    ],
  }
}

/** Cuts C into tiles: columns outside, so that one strip of B serves all rows from the cache. */
function driver(tileIndex: (rows: number, columns: number) => number): FunctionSource {
  const first = parameterNames.length
  const [a, c, m] = [first, first + 1, first + 2]
  const rowsLeft = (rows: number): Code => i32.atLeast(get(m), i32.constant(rows))
  const step = (rows: number, columns: number): Code => [
    ...call(
      tileIndex(rows, columns),
      parameterNames.map((name) => get({ a, c, m }[name] ?? parameter(name))),
    ),
    ...set(m, i32.subtract(get(m), i32.constant(rows))),
    ...set(a, i32.add(get(a), i32.multiply(get(parameter('am')), i32.constant(rows)))),
    ...set(c, i32.add(get(c), i32.multiply(get(parameter('cm')), i32.constant(rows)))),
  ]
  const strip = (columns: number): Code => [
    ...set(a, get(parameter('a'))),
    ...set(c, get(parameter('c'))),
    ...set(m, get(parameter('m'))),
    ...Array.from({ length: tileRows }, (_, index) => tileRows - index).flatMap((rows) =>
      whileLoop(rowsLeft(rows), step(rows, columns)),
    ),
    ...set(parameter('n'), i32.subtract(get(parameter('n')), i32.constant(columns))),
    ...set(parameter('b'), i32.add(get(parameter('b')), i32.constant(4 * columns))),
    ...set(parameter('c'), i32.add(get(parameter('c')), i32.constant(4 * columns))),
  ]
  return {
    parameters: first,
    locals: ['i32', 'i32', 'i32'],
    body: tileColumns.flatMap((columns) =>
      whileLoop(i32.atLeast(get(parameter('n')), i32.constant(columns)), strip(columns)),
    ),
    exportName: 'multiply',
  }
}

/** Compiles the kernel for `memory`. It grows with that memory: no pointer is kept between calls. */
export function createMatrixKernel(memory: WasmMemory): MatrixKernel {
  const shapes = tileColumns.flatMap((columns) =>
    Array.from({ length: tileRows }, (_, index) => ({ rows: index + 1, columns })),
  )
  const tiles = shapes.map(({ rows, columns }) => tile(rows, columns))
  const tileIndex = (rows: number, columns: number): number =>
    shapes.findIndex((shape) => shape.rows === rows && shape.columns === columns)
  return compile(assemble([...tiles, driver(tileIndex)]), 'multiply', memory) as MatrixKernel
}
