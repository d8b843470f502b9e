import * as tf from '@tensorflow/tfjs-core'

export interface Operation {
  name: string
  run: (x: tf.Tensor, y: tf.Tensor, n: number) => tf.Tensor | tf.Tensor[]
  /** `exact`: no rounding; `kink`: continuous; `jump`: not even that, so without a gradient here. */
  kind: 'exact' | 'rounded' | 'kink' | 'jump'
  /** TensorFlow.js has none. */
  gradient?: false
}

const float = (x: tf.Tensor) => (x.dtype === 'float32' ? x : tf.cast(x, 'float32'))
const int = (x: tf.Tensor) => (x.dtype === 'int32' ? x : tf.cast(x, 'int32'))
const bool = (x: tf.Tensor) => (x.dtype === 'bool' ? x : tf.cast(x, 'bool'))
const bounded = (x: tf.Tensor) => tf.mul(tf.tanh(float(x)), 2)
const pick = <T>(n: number, choices: readonly T[]): T => choices[n % choices.length]!
const digit = (n: number, place: number) => Math.floor(n / 7 ** place) % 7

/** The values of `x`, repeated or cut, in another shape. */
function fit(x: tf.Tensor, shape: number[]): tf.Tensor {
  const size = tf.util.sizeFromShape(shape)
  const flat = tf.reshape(x, [x.size])
  const enough = x.size >= size ? flat : tf.tile(flat, [Math.ceil(size / x.size)])
  return tf.reshape(tf.slice(enough, [0], [size]), shape)
}

const withRank = (x: tf.Tensor, rank: number): number[] =>
  x.rank <= rank
    ? [...new Array<number>(rank - x.rank).fill(1), ...x.shape]
    : [tf.util.sizeFromShape(x.shape.slice(0, x.rank - rank + 1)), ...x.shape.slice(x.rank - rank + 1)]
const asRank = (x: tf.Tensor, rank: number) => tf.reshape(x, withRank(x, rank))

const atLeast1D = (x: tf.Tensor) => asRank(x, Math.max(1, x.rank))

function axesOf(x: tf.Tensor, n: number): number[] {
  return x.shape.map((_, axis) => axis).filter((axis) => (n >> axis) & 1)
}

function permutation(rank: number, n: number): number[] {
  const rest = Array.from({ length: rank }, (_, axis) => axis)
  return Array.from({ length: rank }, (_, i) => rest.splice((n >> i) % rest.length, 1)[0]!)
}

/** `y`, or as much of it as broadcasts with `x`. */
function broadcastable(x: tf.Tensor, y: tf.Tensor): tf.Tensor {
  try {
    tf.backend_util.assertAndGetBroadcastShape(x.shape, y.shape)
    return y
  } catch {
    return fit(
      y,
      x.shape.map((extent, axis) => (axis === 0 ? 1 : extent)),
    )
  }
}

const unary = (name: string, run: (x: tf.Tensor) => tf.Tensor, kind: Operation['kind']): Operation => ({
  name,
  kind,
  run: (x) => run(x),
})
const binary = (
  name: string,
  run: (x: tf.Tensor, y: tf.Tensor) => tf.Tensor,
  kind: Operation['kind'],
  convert: (x: tf.Tensor) => tf.Tensor = (x) => (x.dtype === 'bool' ? int(x) : x),
): Operation => ({
  name,
  kind,
  run: (x, y) => run(convert(x), broadcastable(x, convert(y))),
})
/** TensorFlow.js' gradients of these are wrong where one operand is broadcast. */
const onEqualShapes = (run: (x: tf.Tensor, y: tf.Tensor) => tf.Tensor) => (x: tf.Tensor, y: tf.Tensor) =>
  run(x, fit(y, x.shape))
const reduction = (
  name: string,
  run: (x: tf.Tensor, axes: number[], keepDims: boolean) => tf.Tensor,
  kind: Operation['kind'],
): Operation => ({ name, kind, run: (x, _, n) => run(x, axesOf(x, n), n % 2 === 0) })

const padding = (n: number) => pick(n, ['same', 'valid'] as const)
/** Never smaller than a window of 2 in each direction. */
const picture = (x: tf.Tensor): tf.Tensor4D => {
  const [batch, height, width, channels] = withRank(x, 4) as [number, number, number, number]
  return fit(float(x), [Math.min(batch, 2), height + 2, width + 2, Math.min(channels, 3)]) as tf.Tensor4D
}
const filterFor = (y: tf.Tensor, shape: number[]) => bounded(fit(float(y), shape))
const window = (n: number): [number, number] => [1 + (digit(n, 0) % 3), 1 + (digit(n, 1) % 3)]
const strides = (n: number): [number, number] => [1 + (digit(n, 2) % 2), 1 + (digit(n, 3) % 2)]

const all: readonly Operation[] = [
  unary('neg', (x) => tf.neg(x.dtype === 'bool' ? int(x) : x), 'exact'),
  unary('square', (x) => tf.square(float(x)), 'rounded'),
  unary('tanh', (x) => tf.tanh(float(x)), 'rounded'),
  unary('sigmoid', (x) => tf.sigmoid(float(x)), 'rounded'),
  unary('softplus', (x) => tf.softplus(float(x)), 'rounded'),
  unary('sin', (x) => tf.sin(bounded(x)), 'rounded'),
  unary('cos', (x) => tf.cos(bounded(x)), 'rounded'),
  unary('exp', (x) => tf.exp(bounded(x)), 'rounded'),
  unary('expm1', (x) => tf.expm1(bounded(x)), 'rounded'),
  unary('log1p', (x) => tf.log1p(tf.square(float(x))), 'rounded'),
  unary('log', (x) => tf.log(tf.add(tf.square(float(x)), 0.5)), 'rounded'),
  unary('sqrt', (x) => tf.sqrt(tf.add(tf.square(float(x)), 0.5)), 'rounded'),
  unary('rsqrt', (x) => tf.rsqrt(tf.add(tf.square(float(x)), 0.5)), 'rounded'),
  unary('reciprocal', (x) => tf.reciprocal(tf.add(tf.square(float(x)), 0.5)), 'rounded'),
  unary('erf', (x) => tf.erf(float(x)), 'rounded'),
  unary('elu', (x) => tf.elu(float(x)), 'rounded'),
  unary('atan', (x) => tf.atan(float(x)), 'rounded'),
  unary('asinh', (x) => tf.asinh(float(x)), 'rounded'),
  unary('sinh', (x) => tf.sinh(bounded(x)), 'rounded'),
  unary('softmax', (x) => tf.softmax(x.rank === 0 ? tf.reshape(float(x), [1]) : float(x)), 'rounded'),
  unary('logSoftmax', (x) => tf.logSoftmax(x.rank === 0 ? tf.reshape(float(x), [1]) : float(x)), 'rounded'),
  unary('relu', (x) => tf.relu(float(x)), 'kink'),
  unary('relu6', (x) => tf.relu6(float(x)), 'kink'),
  unary('abs', (x) => tf.abs(x.dtype === 'bool' ? int(x) : x), 'kink'),
  unary('selu', (x) => tf.selu(float(x)), 'kink'),
  unary('leakyRelu', (x) => tf.leakyRelu(float(x), 0.25), 'kink'),
  unary('clipByValue', (x) => tf.clipByValue(float(x), -0.75, 1.25), 'kink'),
  unary('floor', (x) => tf.floor(float(x)), 'jump'),
  unary('ceil', (x) => tf.ceil(float(x)), 'jump'),
  unary('round', (x) => tf.round(float(x)), 'jump'),
  unary('sign', (x) => tf.sign(float(x)), 'jump'),
  unary('step', (x) => tf.step(float(x), 0.5), 'jump'),
  unary('isFinite', (x) => tf.isFinite(float(x)), 'jump'),
  unary('logicalNot', (x) => tf.logicalNot(bool(x)), 'jump'),
  unary('to float32', (x) => tf.cast(x, 'float32'), 'exact'),
  unary('to int32', (x) => tf.cast(x, 'int32'), 'jump'),
  unary('to bool', (x) => tf.cast(x, 'bool'), 'jump'),
  unary('zerosLike', (x) => tf.zerosLike(x), 'jump'),
  unary('onesLike', (x) => tf.onesLike(x), 'jump'),

  binary('add', tf.add, 'exact'),
  binary('sub', tf.sub, 'exact'),
  binary('mul', (x, y) => tf.mul(x, y), 'rounded'),
  binary('squaredDifference', onEqualShapes(tf.squaredDifference), 'rounded', float),
  binary('div', (x, y) => tf.div(x, tf.add(tf.square(y), 0.5)), 'rounded', float),
  binary('pow', (x, y) => tf.pow(tf.add(tf.square(x), 0.5), tf.tanh(y)), 'rounded', float),
  binary('atan2', (x, y) => tf.atan2(x, tf.add(tf.square(y), 0.5)), 'rounded', float),
  binary('maximum', onEqualShapes(tf.maximum), 'kink'),
  binary('minimum', onEqualShapes(tf.minimum), 'kink'),
  binary('prelu', (x, y) => tf.prelu(x, fit(y, x.shape.slice(-1))), 'kink', float),
  binary('mod', (x, y) => tf.mod(x, tf.add(tf.square(y), 1)), 'jump', float),
  binary('floorDiv', (x, y) => tf.floorDiv(x, tf.add(tf.square(y), 1)), 'jump'),
  binary('greater', tf.greater, 'jump'),
  binary('lessEqual', tf.lessEqual, 'jump'),
  binary('equal', tf.equal, 'jump'),
  binary('notEqual', tf.notEqual, 'jump'),
  binary('logicalAnd', tf.logicalAnd, 'jump', bool),
  binary('logicalOr', tf.logicalOr, 'jump', bool),
  {
    name: 'where',
    kind: 'exact',
    run: (x, y, n) =>
      tf.where(tf.cast(fit(tf.range(0, 1 + (n % 5)), x.shape), 'bool'), x, fit(tf.cast(y, x.dtype), x.shape)),
  },

  reduction('sum', (x, axes, keepDims) => tf.sum(x, axes, keepDims), 'rounded'),
  reduction('mean', (x, axes, keepDims) => tf.mean(float(x), axes, keepDims), 'rounded'),
  reduction('logSumExp', (x, axes, keepDims) => tf.logSumExp(bounded(x), axes, keepDims), 'rounded'),
  reduction('max', (x, axes, keepDims) => tf.max(x, axes, keepDims), 'kink'),
  reduction('min', (x, axes, keepDims) => tf.min(x, axes, keepDims), 'kink'),
  reduction('all', (x, axes, keepDims) => tf.all(bool(x), axes, keepDims), 'jump'),
  reduction('any', (x, axes, keepDims) => tf.any(bool(x), axes, keepDims), 'jump'),
  {
    name: 'argMax',
    kind: 'jump',
    run: (x, _, n) => tf.argMax(atLeast1D(x), n % Math.max(1, x.rank)),
  },
  {
    name: 'argMin',
    kind: 'jump',
    run: (x, _, n) => tf.argMin(atLeast1D(x), n % Math.max(1, x.rank)),
  },
  {
    name: 'cumsum',
    kind: 'rounded',
    // The last axis: along another one, the gradient of TensorFlow.js is transposed.
    run: (x, _, n) => tf.cumsum(atLeast1D(float(x)), Math.max(0, x.rank - 1), n % 2 === 0, n % 3 === 0),
  },

  {
    name: 'reshape',
    kind: 'exact',
    run: (x, _, n) => tf.reshape(x, pick(n, [[x.size], [1, x.size], [...x.shape].reverse()])),
  },
  {
    name: 'expandDims',
    kind: 'exact',
    run: (x, _, n) => (x.rank > 3 ? tf.clone(x) : tf.expandDims(x, n % (x.rank + 1))),
  },
  { name: 'squeeze', kind: 'exact', run: (x) => tf.squeeze(x) },
  { name: 'transpose', kind: 'exact', run: (x, _, n) => tf.transpose(x, permutation(x.rank, n)) },
  { name: 'reverse', kind: 'exact', run: (x, _, n) => tf.reverse(x, axesOf(x, n)) },
  {
    name: 'tile',
    kind: 'exact',
    run: (x, _, n) =>
      x.size > 200
        ? tf.clone(x)
        : tf.tile(
            atLeast1D(x),
            (x.rank ? x.shape : [1]).map((_, i) => 1 + (digit(n, i) % 2)),
          ),
  },
  {
    name: 'pad',
    kind: 'exact',
    run: (x, _, n) =>
      x.size > 200 || x.rank === 0 || x.dtype === 'bool'
        ? tf.clone(x)
        : tf.pad(
            x,
            x.shape.map((_, i): [number, number] => [digit(n, i) % 2, digit(n, i + 1) % 2]),
            0.5 * (x.dtype === 'float32' ? 1 : 2),
          ),
  },
  {
    name: 'mirrorPad',
    kind: 'exact',
    run: (x, _, n) =>
      x.rank === 0
        ? tf.clone(x)
        : tf.mirrorPad(
            float(x),
            x.shape.map((extent, i): [number, number] => (extent > 1 ? [digit(n, i) % 2, 1] : [0, 0])),
            'reflect',
          ),
  },
  {
    name: 'slice',
    kind: 'exact',
    run: (x, _, n) =>
      x.rank === 0
        ? tf.clone(x)
        : tf.slice(
            x,
            x.shape.map((extent, i) => digit(n, i) % extent),
            x.shape.map((extent, i) => extent - (digit(n, i) % extent)),
          ),
  },
  {
    name: 'stridedSlice',
    kind: 'exact',
    gradient: false,
    run: (x, _, n) =>
      x.rank === 0
        ? tf.clone(x)
        : tf.stridedSlice(
            x,
            x.shape.map(() => 0),
            [...x.shape],
            x.shape.map((_, i) => 1 + (digit(n, i) % 2)),
          ),
  },
  {
    name: 'concat',
    kind: 'exact',
    run: (x, y, n) =>
      x.rank === 0 || x.size > 200
        ? tf.clone(x)
        : tf.concat([x, fit(tf.cast(y, x.dtype), x.shape), x], n % x.rank),
  },
  {
    name: 'stack',
    kind: 'exact',
    run: (x, y, n) =>
      x.rank > 3 || x.size > 200
        ? tf.clone(x)
        : tf.stack([x, fit(tf.cast(y, x.dtype), x.shape)], n % (x.rank + 1)),
  },
  {
    name: 'unstack',
    kind: 'exact',
    run: (x, _, n) => (x.rank === 0 || x.shape[n % x.rank] === 1 ? tf.clone(x) : tf.unstack(x, n % x.rank)),
  },
  {
    name: 'split',
    kind: 'exact',
    // Into two or more: into one, TensorFlow.js' gradient throws.
    run: (x, _, n) =>
      x.rank === 0 || x.shape[n % x.rank] === 1 ? tf.clone(x) : tf.split(x, x.shape[n % x.rank]!, n % x.rank),
  },
  {
    name: 'broadcastTo',
    kind: 'exact',
    run: (x) => (x.rank > 3 || x.size > 200 ? tf.clone(x) : tf.broadcastTo(x, [2, ...x.shape])),
  },
  {
    name: 'gather',
    kind: 'exact',
    run: (x, _, n) =>
      x.rank === 0
        ? tf.clone(x)
        : tf.gather(
            x,
            tf.tensor1d(
              [n, n + 1, 2 * n].map((i) => i % x.shape[n % x.rank]!),
              'int32',
            ),
            n % x.rank,
          ),
  },
  {
    name: 'oneHot',
    kind: 'jump',
    run: (x) => (x.rank > 3 || x.size > 100 ? tf.clone(x) : tf.oneHot(int(x) as tf.Tensor1D, 4)),
  },
  {
    name: 'unsortedSegmentSum',
    kind: 'rounded',
    run: (x, _, n) =>
      x.rank === 0
        ? tf.clone(x)
        : tf.unsortedSegmentSum(
            float(x),
            tf.tensor1d(
              Array.from({ length: x.shape[0]! }, (_, i) => ((i * n) % 4) - 1),
              'int32',
            ),
            3,
          ),
  },
  { name: 'topk', kind: 'jump', run: (x) => tf.topk(atLeast1D(float(x)), 1).values },

  {
    name: 'matMul',
    kind: 'rounded',
    run: (x, y, n) => {
      const a = asRank(float(x), 2) as tf.Tensor2D
      const [turnA, turnB] = [n % 2 === 1, n % 3 === 1]
      const inner = a.shape[turnA ? 0 : 1]!
      return tf.matMul(a, bounded(fit(y, turnB ? [3, inner] : [inner, 3])), turnA, turnB)
    },
  },
  {
    name: 'batched matMul',
    kind: 'rounded',
    run: (x, y, n) => {
      const a = asRank(float(x), 3)
      const [turnA, turnB] = [n % 2 === 1, n % 3 === 1]
      const [batch, rows, columns] = a.shape as [number, number, number]
      const inner = turnA ? rows : columns
      const size = turnB ? [2, inner] : [inner, 2]
      return tf.matMul(a, bounded(fit(y, [batch, ...size])), turnA, turnB)
    },
  },
  {
    name: 'conv2d',
    kind: 'rounded',
    run: (x, y, n) => {
      const pictures = picture(x)
      const filter = filterFor(y, [...window(n), pictures.shape[3], 2]) as tf.Tensor4D
      return tf.conv2d(pictures, filter, strides(n), padding(n))
    },
  },
  {
    name: 'conv2dTranspose',
    kind: 'rounded',
    run: (x, y, n) => {
      const pictures = picture(x)
      const [batch, height, width, channels] = pictures.shape
      const [down, across] = strides(n)
      const filter = filterFor(y, [2, 3, 2, channels]) as tf.Tensor4D
      return tf.conv2dTranspose(
        pictures,
        filter,
        [batch, height * down, width * across, 2],
        [down, across],
        'same',
      )
    },
  },
  {
    name: 'depthwiseConv2d',
    kind: 'rounded',
    run: (x, y, n) => {
      const pictures = picture(x)
      const filter = filterFor(y, [...window(n), pictures.shape[3], 1 + (n % 2)]) as tf.Tensor4D
      return tf.depthwiseConv2d(pictures, filter, 1 + (digit(n, 2) % 2), padding(n))
    },
  },
  {
    name: 'conv1d',
    kind: 'rounded',
    run: (x, y, n) => {
      const series = asRank(float(x), 3) as tf.Tensor3D
      return tf.conv1d(series, filterFor(y, [2, series.shape[2], 3]) as tf.Tensor3D, 1 + (n % 2), 'same')
    },
  },
  {
    name: 'conv3d',
    kind: 'rounded',
    run: (x, y, n) => {
      const [batch, height, width, channels] = picture(x).shape
      const volume = fit(float(x), [batch, 3, height, width, channels]) as tf.Tensor5D
      const filter = filterFor(y, [2, ...window(n), channels, 2]) as tf.Tensor5D
      return asRank(tf.conv3d(volume, filter, [1, ...strides(n)], padding(n)), 4)
    },
  },
  {
    name: 'maxPool',
    kind: 'kink',
    run: (x, _, n) => tf.maxPool(picture(x), window(n), strides(n), padding(n)),
  },
  {
    name: 'avgPool',
    kind: 'rounded',
    run: (x, _, n) => tf.avgPool(picture(x), window(n), strides(n), padding(n)),
  },
  {
    name: 'resizeNearestNeighbor',
    kind: 'exact',
    run: (x, _, n) =>
      tf.image.resizeNearestNeighbor(
        fit(float(x), [1, 3, 3, 2]) as tf.Tensor4D,
        [2 + digit(n, 0), 2 + digit(n, 1)],
        n % 2 === 0,
      ),
  },
  {
    name: 'resizeBilinear',
    kind: 'rounded',
    run: (x, _, n) =>
      tf.image.resizeBilinear(
        fit(float(x), [1, 3, 3, 2]) as tf.Tensor4D,
        [2 + digit(n, 0), 2 + digit(n, 1)],
        n % 2 === 0,
      ),
  },
  {
    name: 'localResponseNormalization',
    kind: 'rounded',
    run: (x) => tf.localResponseNormalization(picture(x), 1),
  },
  {
    name: 'batchNorm',
    kind: 'rounded',
    run: (x, y) => {
      const last = Math.max(1, x.rank === 0 ? 1 : x.shape.at(-1)!)
      const statistic = (add: number) => tf.add(tf.square(fit(float(y), [last])), add) as tf.Tensor1D
      const pictures = fit(float(x), [...withRank(x, 4).slice(0, 3), last]) as tf.Tensor4D
      return tf.batchNorm(pictures, statistic(0), statistic(0.5), statistic(-1), statistic(1))
    },
  },
]

/** By name. */
export const operations: ReadonlyMap<string, Operation> = new Map(
  all.map((operation) => [operation.name, operation]),
)
