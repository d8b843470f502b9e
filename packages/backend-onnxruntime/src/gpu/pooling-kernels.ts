import { type Node, sizeOf, type Value } from '../graph/types.js'
import { type ConvolutionSizes, sizesOf } from './convolution-sizes.js'
import { kernelNode, threadsPerBlock } from './kernel-node.js'

/*
 * Pooling by the rules of pooling.c in `@dlkit/native`: what is not a number is passed over, a window that lies in the padding
 * altogether is minus infinity, and the first one of equals is the largest.
 */

const bodies = {
  'dlkit.MaximaOfWindows': `
    float largest = -__uint_as_float(0x7f800000u);
    EACH_IN_WINDOW(if (x > largest) largest = x;)
    a.y0[i] = largest;`,
  'dlkit.SumsOfWindows': `
    float sum = 0.0f;
    EACH_IN_WINDOW(sum += x;)
    a.y0[i] = sum;`,
} as const

const gradient = 'dlkit.MaximaOfWindowsGradient'

export const isPooling = ({ op }: Node): boolean => op in bodies || op === gradient

export function poolingKernel(node: Node): Node {
  const sizes = sizesOf(node)
  return node.op === gradient ? maximaGradient(node, sizes) : windows(node, sizes)
}

const numbersOf = (count: number, s: ConvolutionSizes): [string, number][] =>
  Object.entries({
    ...{ count, channels: s.inChannels, height: s.output[0]!, width: s.output[1]! },
    ...{ rows: s.input[0]!, columns: s.input[1]!, down: s.kernel[0]!, across: s.kernel[1]! },
    ...{ strideRow: s.strides[0]!, strideColumn: s.strides[1]! },
    ...{
      dilationRow: s.dilations[0]!,
      dilationColumn: s.dilations[1]!,
      top: s.before[0]!,
      left: s.before[1]!,
    },
  })

/** Positions outside of the picture are larger than its size, as differences wrap around. */
const eachInWindow = `#define EACH_IN_WINDOW(...) \\
  for (unsigned p = 0; p < a.down; p++) for (unsigned q = 0; q < a.across; q++) { \\
    const unsigned r = row * a.strideRow + p * a.dilationRow - a.top, c = column * a.strideColumn + q * a.dilationColumn - a.left; \\
    if (r < a.rows && c < a.columns) { const float x = picture[(r * a.columns + c) * a.channels]; __VA_ARGS__ } \\
  }
`

function windows({ op, inputs, outputs }: Node, sizes: ConvolutionSizes): Node {
  const count = sizes.batch * sizeOf(sizes.output) * sizes.inChannels
  const body = `
${eachInWindow}EACH_THREAD {
  const unsigned i = THREAD;
  if (i < a.count) {
    const unsigned channel = i % a.channels, column = i / a.channels % a.width, row = i / a.channels / a.width % a.height;
    const float *picture = a.x0 + i / a.channels / a.width / a.height * a.rows * a.columns * a.channels + channel;
    ${bodies[op as keyof typeof bodies]}
  }
}`
  return kernelNode(inputs as readonly Value[], spread(count, sizes, body), outputs)
}

/** A thread for each pixel adds up what comes from the windows in which it is the largest. */
function maximaGradient({ inputs, outputs }: Node, sizes: ConvolutionSizes): Node {
  const count = sizes.batch * sizeOf(sizes.input) * sizes.inChannels
  const body = `
${eachInWindow}EACH_THREAD {
  const unsigned i = THREAD;
  if (i < a.count) {
    const unsigned channel = i % a.channels, own = i / a.channels % (a.rows * a.columns), image = i / a.channels / a.rows / a.columns;
    const unsigned ownRow = own / a.columns + a.top, ownColumn = own % a.columns + a.left;
    const float *picture = a.x1 + image * a.rows * a.columns * a.channels + channel;
    const unsigned reachRow = (a.down - 1) * a.dilationRow, reachColumn = (a.across - 1) * a.dilationColumn;
    const unsigned firstRow = ownRow > reachRow ? (ownRow - reachRow + a.strideRow - 1) / a.strideRow : 0;
    const unsigned firstColumn = ownColumn > reachColumn ? (ownColumn - reachColumn + a.strideColumn - 1) / a.strideColumn : 0;
    float sum = 0.0f;
    for (unsigned row = firstRow; row < a.height && row * a.strideRow <= ownRow; row++)
      for (unsigned column = firstColumn; column < a.width && column * a.strideColumn <= ownColumn; column++) {
        float largest = -__uint_as_float(0x7f800000u);
        unsigned place = a.rows * a.columns;
        EACH_IN_WINDOW(if (x > largest) { largest = x; place = r * a.columns + c; })
        if (place == own) sum += a.x0[((image * a.height + row) * a.width + column) * a.channels + channel];
      }
    a.y0[i] = sum;
  }
}`
  return kernelNode(inputs as readonly Value[], spread(count, sizes, body), outputs)
}

const spread = (count: number, sizes: ConvolutionSizes, body: string) => ({
  blocks: Math.ceil(count / threadsPerBlock),
  numbers: numbersOf(count, sizes),
  body,
})
