import * as tf from '@tensorflow/tfjs-core'

type FloatArray = Float32Array | Float64Array
type IntegerArray =
  | Uint8Array
  | Uint8ClampedArray
  | Uint16Array
  | Uint32Array
  | Int8Array
  | Int16Array
  | Int32Array

export type NumberArray = readonly number[] | FloatArray | IntegerArray

/** Rows of numbers, nested as deep as a tensor of the same shape. */
export type NestedArray = readonly NumberArray[] | readonly NestedArray[]

/** Flat numbers with their shape, as `npyjs` and other readers give them. */
export interface NdArray {
  readonly data: NumberArray
  readonly shape: readonly number[]
}

/** One row as an object: its keys are feature names. */
export type Row = Readonly<Record<string, number>>

/** One batch in any of the forms that a scaler reads. Features are the last axis; NaN is a missing value. */
export type Values = tf.Tensor | NumberArray | NestedArray | NdArray | Row | readonly Row[]

/** What `transform` returns for a `T`: the same form. Whole numbers become float32, everything else keeps its type. */
export type Scaled<T> = T extends tf.Tensor | FloatArray | number
  ? T
  : T extends IntegerArray
    ? Float32Array
    : T extends readonly (infer Item)[]
      ? Scaled<Item>[]
      : { [Key in keyof T]: Scaled<T[Key]> }

/** A batch as flat numbers; `names` are the keys of its rows, in the order of the numbers. */
export interface Grid {
  readonly data: ArrayLike<number>
  readonly shape: readonly number[]
  readonly names?: readonly string[]
}

/** The numbers of a batch. A tensor is read back once and stays the caller's. */
export async function readValues(name: string, x: Values): Promise<Grid> {
  if (!(x instanceof tf.Tensor)) return gridOf(name, x)
  checkTensor(name, x)
  return { data: await x.data(), shape: x.shape }
}

export function checkTensor(name: string, x: tf.Tensor): void {
  if (x.dtype !== 'string' && x.dtype !== 'complex64') return
  throw new TypeError(`${name}: expected a numeric tensor, got dtype=${x.dtype} (shape [${x.shape}]).`)
}

/**
 * The numbers of a batch that is no tensor.
 *
 * @param names of the features, if known: the order in which the keys of rows are read.
 */
export function gridOf(name: string, x: Exclude<Values, tf.Tensor>, names?: readonly string[]): Grid {
  if (isNumberArray(x)) return { data: checkNumbers(name, x), shape: [x.length] }
  if (isNdArray(x)) return ndGrid(name, x)
  if (isRow(x)) return { ...rowGrid(name, [x], names), shape: [Object.keys(x).length] }
  if (Array.isArray(x) && isRow(x[0])) return rowGrid(name, x as readonly Row[], names)
  if (Array.isArray(x)) return nestedGrid(name, x as NestedArray)
  throw new TypeError(
    `${name}: expected a tensor, rows of numbers, a typed array, { data, shape } or objects with numbers, ` +
      `got ${x === null ? 'null' : typeof x}. Wrap the values in one of them.`,
  )
}

/** `data` in the form of `x`. */
export function inFormOf<T extends Exclude<Values, tf.Tensor>>(
  x: T,
  { names }: Grid,
  data: Float64Array,
): Scaled<T> {
  return formed(x, names ?? [], data) as Scaled<T>
}

function formed(x: unknown, names: readonly string[], data: Float64Array): unknown {
  if (ArrayBuffer.isView(x)) {
    if (x instanceof Float64Array) return data
    return Float32Array.from(data)
  }
  if (isNdArray(x)) return { ...x, data: formed(x.data, names, data) }
  if (isRow(x)) return Object.fromEntries(names.map((key, index) => [key, data[index]!]))
  const list = x as readonly unknown[]
  if (typeof list[0] === 'number') return [...data]
  const size = data.length / list.length
  return list.map((item, index) => formed(item, names, data.slice(index * size, (index + 1) * size)))
}

export function isNumberArray(x: unknown): x is NumberArray {
  return (ArrayBuffer.isView(x) && !(x instanceof DataView)) || (Array.isArray(x) && typeof x[0] === 'number')
}

export function isNdArray(x: unknown): x is NdArray {
  return isObject(x) && 'shape' in x && Array.isArray(x.shape) && 'data' in x && isNumberArray(x.data)
}

/** A plain object, as literals, JSON and readers of files make them. */
export function isRow(x: unknown): x is Row {
  if (!isObject(x) || isNdArray(x)) return false
  const prototype = Object.getPrototypeOf(x)
  return prototype === null || prototype === Object.prototype
}

function isObject(x: unknown): x is object {
  return typeof x === 'object' && x !== null
}

function ndGrid(name: string, { data, shape, ...rest }: NdArray): Grid {
  const size = shape.reduce((product, length) => product * length, 1)
  if (size !== data.length) {
    throw new RangeError(
      `${name}: expected data of ${size} numbers for the shape [${shape}], got ${data.length}. ` +
        'Pass numbers and shape of the same array.',
    )
  }
  if ('fortranOrder' in rest && rest.fortranOrder) {
    throw new RangeError(
      `${name}: expected numbers in C order, got fortranOrder=true. Save the array in C order.`,
    )
  }
  return { data: checkNumbers(name, data), shape }
}

function nestedGrid(name: string, x: NestedArray): Grid {
  const data: number[] = []
  const shape: number[] = []
  const visit = (item: unknown, depth: number) => {
    if (!Array.isArray(item) && !isNumberArray(item)) {
      throw new TypeError(
        `${name}: expected rows of numbers, got ${described(item)} among them (depth ${depth}). ` +
          'Use NaN for a missing value.',
      )
    }
    shape[depth] ??= item.length
    if (item.length !== shape[depth]) {
      throw new RangeError(
        `${name}: expected arrays of one length at depth ${depth}, got ${shape[depth]} and ${item.length}. ` +
          'Pass rows of the same width.',
      )
    }
    if (isNumberArray(item)) for (const value of checkNumbers(name, item)) data.push(value)
    else for (const inner of item) visit(inner, depth + 1)
  }
  visit(x, 0)
  return { data, shape }
}

function rowGrid(name: string, rows: readonly Row[], known: readonly string[] | undefined): Grid {
  const names = known ?? Object.keys(rows[0]!)
  const data = rows.flatMap((row) => {
    checkNames(name, names, Object.keys(row), { inOrder: false })
    return names.map((key) => row[key]!)
  })
  return { data: checkNumbers(name, data), shape: [rows.length, names.length], names }
}

function checkNumbers(name: string, numbers: NumberArray): Iterable<number> & ArrayLike<number> {
  if (ArrayBuffer.isView(numbers)) return numbers
  const wrong = numbers.findIndex((value) => typeof value !== 'number')
  if (wrong < 0) return numbers
  throw new TypeError(
    `${name}: expected numbers, got ${described(numbers[wrong])} (index ${wrong}). Use NaN for a missing value.`,
  )
}

function described(x: unknown): string {
  return typeof x === 'object' && x !== null ? 'an object' : (JSON.stringify(x) ?? 'undefined')
}

/** Throws unless `names` are the expected ones. */
export function checkNames(
  name: string,
  expected: readonly string[],
  names: readonly string[],
  { inOrder = true } = {},
): void {
  const missing = expected.filter((key) => !names.includes(key))
  const unknown = names.filter((key) => !expected.includes(key))
  const moved = inOrder && names.some((key, index) => key !== expected[index])
  if (missing.length === 0 && unknown.length === 0 && !moved) return
  const list = (title: string, keys: readonly string[]) =>
    keys.length > 0 ? [`${title} ${keys.join(', ')}`] : []
  const difference = [...list('without', missing), ...list('with the unknown', unknown)]
  throw new RangeError(
    `${name}: expected the features ${expected.join(', ')}, got ` +
      `${difference.length > 0 ? `data ${difference.join(' and ')}` : `the order ${names.join(', ')}`}. ` +
      'Pass the features of the training data.',
  )
}
