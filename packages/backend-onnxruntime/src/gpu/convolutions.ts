import { type Node, type Shape, sizeOf, type Value } from '../graph/types.js'
import { type ConvolutionSizes, sizesOf } from './convolution-sizes.js'
import { kernelNode, type NewValues, threadsPerBlock } from './kernel-node.js'

/*
 * The convolutions of `@dlkit/native` by cuDNN, which has filters as `[out, height, width, in]` and as many zeros on one
 * side of a picture as on the other. Where a convolution is of another form, its picture gets its zeros, or loses
 * the rows that no window reaches, by a kernel of its own.
 */

const operators = ['dlkit.Convolution', 'dlkit.ConvolutionInputGradient', 'dlkit.ConvolutionFilterGradient']

export const isConvolution = ({ op }: Node): boolean => operators.includes(op)

/** What windows reach, where they begin with the first zero. */
const reach = ({ output, kernel, strides, dilations }: ConvolutionSizes): number[] =>
  output.map((extent, i) => (extent - 1) * strides[i]! + (kernel[i]! - 1) * dilations[i]! + 1)

/** Whether there are as many zeros on both sides, as far as windows reach. */
const isEven = ({ input, output, kernel, strides, dilations, before }: ConvolutionSizes): boolean =>
  output.every((extent, i) => {
    const room = input[i]! + 2 * before[i]! - (kernel[i]! - 1) * dilations[i]! - 1
    return before[i]! >= 0 && Math.floor(room / strides[i]!) + 1 === extent
  })

/** The nodes that a convolution becomes; the last one has its result. */
export class Convolutions {
  private readonly filters = new Map<Value, Value>()
  private readonly framed = new Map<string, Value>()
  readonly made: Node[] = []

  constructor(private readonly values: NewValues) {}

  lower(node: Node): Node[] {
    this.made.length = 0
    const given = sizesOf(node)
    const even = isEven(given)
    const sizes = even ? given : { ...given, input: reach(given), before: [0, 0] }
    const result = node.outputs[0]!
    const [first, second, bias] = node.inputs as [Value, Value, Value | undefined]
    const picture = (size: Shape, channels: number) => [given.batch, ...size, channels]
    const withBias = (shape: Shape) => (bias === undefined ? result : this.values.of(shape))
    let value: Value
    if (node.op === 'dlkit.Convolution') {
      const x = even ? first : this.frame(first, given, sizes)
      value = withBias(picture(given.output, given.outChannels))
      this.call(node, [x, this.filter(second, given)], sizes, value, value.shape)
    } else if (node.op === 'dlkit.ConvolutionInputGradient') {
      value = withBias(picture(given.input, given.inChannels))
      const whole = even ? value : this.values.of(picture(sizes.input, given.inChannels))
      this.call(node, [first, this.filter(second, given)], sizes, whole, whole.shape)
      if (!even)
        this.made.push(
          frameNode(
            whole,
            sizes.input,
            given.input,
            given.before.map((n) => -n),
            given,
            value,
          ),
        )
    } else if (isNarrow(given)) {
      this.byUnfolding(first, second, given, result)
      return [...this.made]
    } else {
      const x = even ? first : this.frame(first, given, sizes)
      const { outChannels, inChannels, kernel } = given
      const turned = this.values.of([outChannels, ...kernel, inChannels])
      this.call(node, [x, second], sizes, turned, turned.shape)
      this.made.push(turnNode(turned, outChannels, sizeOf(kernel) * inChannels, result))
      return [...this.made]
    }
    if (bias !== undefined) {
      this.made.push({
        kind: 'node',
        op: 'Add',
        attributes: undefined,
        inputs: [value, bias],
        outputs: [result],
      })
    }
    return [...this.made]
  }

  /** A product with the windows of the picture as rows: cuDNN is slow where they are short. */
  private byUnfolding(x: Value, dy: Value, sizes: ConvolutionSizes, result: Value): void {
    const { batch, output, kernel, inChannels, outChannels } = sizes
    const rows = batch * sizeOf(output)
    const columns = sizeOf(kernel) * inChannels
    const unfolded = this.values.of([rows, columns])
    const pixels = this.values.of([rows, outChannels])
    const product = this.values.of([columns, outChannels])
    this.made.push(
      unfoldingNode(x, sizes, unfolded),
      { kind: 'node', op: 'Flatten', attributes: { axis: 3 }, inputs: [dy], outputs: [pixels] },
      { kind: 'node', op: 'Gemm', attributes: { transA: 1 }, inputs: [unfolded, pixels], outputs: [product] },
      turnNode(product, 1, columns * outChannels, result),
    )
  }

  private call({ op }: Node, inputs: Value[], sizes: ConvolutionSizes, output: Value, shape: Shape): void {
    const { batch, inChannels, outChannels, input, output: out, kernel, strides, dilations, before } = sizes
    const pairs = [input, out, kernel, strides, dilations, before].flat()
    const geometry = [batch, inChannels, outChannels, ...pairs]
    this.made.push({ kind: 'node', op, attributes: { geometry, shape }, inputs, outputs: [output] })
  }

  /** `[height, width, in, out]` to `[out, height, width, in]`, once for both directions. */
  private filter(filter: Value, { kernel, inChannels, outChannels }: ConvolutionSizes): Value {
    let turned = this.filters.get(filter)
    if (turned === undefined) {
      turned = this.values.of([outChannels, ...kernel, inChannels])
      this.filters.set(filter, turned)
      this.made.push(turnNode(filter, sizeOf(kernel) * inChannels, outChannels, turned))
    }
    return turned
  }

  private frame(x: Value, given: ConvolutionSizes, sizes: ConvolutionSizes): Value {
    const key = `${x.id} ${sizes.input} ${given.before}`
    let value = this.framed.get(key)
    if (value === undefined) {
      value = this.values.of([given.batch, ...sizes.input, given.inChannels])
      this.framed.set(key, value)
      this.made.push(frameNode(x, given.input, sizes.input, given.before, given, value))
    }
    return value
  }
}

const narrow = { columns: 128, elements: 2 ** 27 }

/** Whether a window has few numbers. */
const isNarrow = ({ batch, output, kernel, inChannels }: ConvolutionSizes): boolean => {
  const columns = sizeOf(kernel) * inChannels
  return columns <= narrow.columns && batch * sizeOf(output) * columns <= narrow.elements
}

/** Windows of a picture, one in each row. */
function unfoldingNode(x: Value, sizes: ConvolutionSizes, result: Value): Node {
  const { inChannels, input, output, kernel, strides, dilations, before } = sizes
  const count = sizeOf(result.shape)
  const body = `EACH_THREAD {
  const unsigned i = THREAD;
  if (i < a.count) {
    const unsigned channel = i % a.channels, tapColumn = i / a.channels % a.across, tapRow = i / a.channels / a.across % a.down;
    const unsigned pixel = i / a.channels / a.across / a.down;
    const unsigned column = pixel % a.width * a.strideColumn + tapColumn * a.dilationColumn - a.left;
    const unsigned row = pixel / a.width % a.height * a.strideRow + tapRow * a.dilationRow - a.top;
    const bool isInside = row < a.rows && column < a.columns;
    a.y0[i] = isInside ? a.x0[((pixel / a.width / a.height * a.rows + row) * a.columns + column) * a.channels + channel] : 0.0f;
  }
}`
  const numbers = Object.entries({
    ...{
      count,
      channels: inChannels,
      across: kernel[1]!,
      down: kernel[0]!,
      width: output[1]!,
      height: output[0]!,
    },
    ...{
      strideRow: strides[0]!,
      strideColumn: strides[1]!,
      dilationRow: dilations[0]!,
      dilationColumn: dilations[1]!,
    },
    ...{ rows: input[0]!, columns: input[1]!, top: before[0]!, left: before[1]! },
  })
  const blocks = Math.ceil(count / threadsPerBlock)
  return kernelNode([x], { blocks, numbers, body }, [result])
}

/** A matrix `[rows, columns]` turned into `[columns, rows]`. */
function turnNode(matrix: Value, rows: number, columns: number, result: Value): Node {
  const body = `EACH_THREAD {
  const unsigned i = THREAD;
  if (i < a.rows * a.columns) a.y0[i] = a.x0[i % a.rows * a.columns + i / a.rows];
}`
  const blocks = Math.ceil((rows * columns) / threadsPerBlock)
  const numbers = [
    ['rows', rows],
    ['columns', columns],
  ] as const
  return kernelNode([matrix], { blocks, numbers, body }, [result])
}

/** A picture of another size: the old one begins at row and column `at`, and zeros are around it. */
function frameNode(
  x: Value,
  from: Shape,
  to: Shape,
  at: Shape,
  { batch, inChannels }: ConvolutionSizes,
  result: Value,
): Node {
  const count = batch * sizeOf(to) * inChannels
  const body = `EACH_THREAD {
  const unsigned i = THREAD;
  if (i < a.count) {
    const unsigned channel = i % a.channels, column = i / a.channels % a.width - a.left;
    const unsigned row = i / a.channels / a.width % a.height - a.top, picture = i / a.channels / a.width / a.height;
    const bool isInside = row < a.rows && column < a.columns;
    a.y0[i] = isInside ? a.x0[((picture * a.rows + row) * a.columns + column) * a.channels + channel] : 0.0f;
  }
}`
  const sizes = {
    count,
    channels: inChannels,
    height: to[0]!,
    width: to[1]!,
    rows: from[0]!,
    columns: from[1]!,
  }
  // Negative numbers wrap around, and so do the differences.
  const numbers = [...Object.entries({ ...sizes, top: at[0]!, left: at[1]! })]
  return kernelNode([x], { blocks: Math.ceil(count / threadsPerBlock), numbers, body }, [result])
}
