import { prelu, SelfAttention2D, SpectralNormalization } from '@dlkit/layers'
import { Dropout } from '@dlkit/regularizers'
import * as tf from '@tensorflow/tfjs-core'
import {
  initializers,
  input,
  type LayersModel,
  layers,
  model,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers'
import type { Config } from './config.js'
import { HINT_CHANNELS } from './hints.js'

/**
 * The generator: a U-Net (Isola et al. 2017, arXiv:1611.07004) that looks at line art and decides, for each
 * pixel, which paint to use and how opaque it is. `paintOver` then lays the paint over the drawing, so the
 * untrained model already shows the drawing and only colour has to be learned.
 *
 * Letters: B batch, S side of the picture, F `filters`. Works for any side that is a multiple of 2^levels.
 *
 * @returns a model from scaled line art `[B, S, S, 1]`, with `model.hints` and strokes `[B, S, S, 6]`, to `[B, S, S, 4]`: three paint channels and opacity,
 *   both before their activation. The last layer starts small, so that at first nothing is painted.
 */
export function buildGenerator(config: Pick<Config, 'seed' | 'model'>): LayersModel {
  const { filters, levels, attention, dropout } = config.model
  const seeds = seedSequence(config.seed)
  const width = (level: number) => filters * Math.min(2 ** level, 8) // F, 2F, 4F, 8F, 8F, …

  const channels = config.model.hints ? 1 + HINT_CHANNELS : 1
  const line = input({ shape: [null, null, channels], name: 'line' }) // [B, S, S, 1 or 6]
  let x = convolution(line, 'stem', { filters: width(0), kernelSize: 3, seeds }) // [B, S, S, F]
  const skips: SymbolicTensor[] = []

  for (let level = 1; level <= levels; level++) {
    skips.push(x)
    const kernel = { filters: width(level), kernelSize: 4, strides: 2, seeds }
    x = convolution(x, `down${level}`, kernel) // halves height and width
    if (attention && level === 2) {
      x = apply(new SelfAttention2D({ name: 'attention', ...initial(seeds) }), x)
    }
  }

  for (let level = levels - 1; level >= 0; level--) {
    x = apply(layers.upSampling2d({ size: [2, 2], name: `up${level}_resize` }), x) // doubles height and width
    x = apply(layers.concatenate({ name: `up${level}_skip` }), [x, skips[level]!])
    x = convolution(x, `up${level}`, { filters: width(level), kernelSize: 3, seeds })
    const deep = level >= levels - 2 && level > 0
    if (deep && dropout > 0)
      x = apply(new Dropout({ rate: dropout, seed: seeds(), name: `up${level}_dropout` }), x)
  }

  const paint = layers.conv2d({
    filters: 4,
    kernelSize: 3,
    padding: 'same',
    name: 'paint',
    ...initial(seeds),
  })
  return model({ inputs: line, outputs: apply(paint, x), name: 'generator' }) // [B, S, S, 4]
}

/** What a generator looks at. */
export interface Drawing {
  /** `[B, S, S, 1]` in [-1, 1], 1 is paper. */
  line: tf.Tensor4D
  /** The same line art, standardized. */
  scaled: tf.Tensor4D
  /** `[B, S, S, 5]`, see `hintPlanes`. Default: no strokes. */
  hints?: tf.Tensor4D
}

/** Pictures `[B, S, S, 3]` in [-1, 1] as a generator paints them, whether it takes strokes or not. */
export function paintedBy(
  generator: LayersModel,
  { line, scaled, hints }: Drawing,
  mode: { training: boolean },
): tf.Tensor4D {
  return tf.tidy(() => {
    const takesHints = generator.inputs[0]!.shape[3] !== 1
    const none = () => tf.tile(tf.zerosLike(line), [1, 1, 1, HINT_CHANNELS])
    const seen = takesHints ? tf.concat([scaled, hints ?? none()], 3) : scaled
    const paint = generator.apply(seen, mode) as tf.Tensor4D
    return paintOver(line, hints ? startFromHints(paint, line, hints) : paint)
  })
}

/**
 * Lays the generator's paint over line art.
 *
 * @param line `[B, S, S, 1]` in [-1, 1], 1 is paper.
 * @param paint `[B, S, S, 4]`, the generator's output.
 * @returns `[B, S, S, 3]` in [-1, 1]: `line + opacity · (tanh(colour) − line)`, `opacity = σ(paint − 2)`.
 */
export function paintOver(line: tf.Tensor4D, paint: tf.Tensor4D): tf.Tensor4D {
  return tf.tidy(() => {
    const [colour, opacity] = tf.split(paint, [3, 1], 3) as [tf.Tensor4D, tf.Tensor4D]
    return tf.add(line, tf.mul(tf.sigmoid(tf.sub(opacity, 2)), tf.sub(tf.tanh(colour), line)))
  })
}

/**
 * Starts from the colours of strokes: where a region is filled, the generator's paint is what has to be added to the
 * stroke's own colour, laid on thickly wherever there is paper.
 *
 * @param paint `[B, S, S, 4]`, the generator's output. @param line `[B, S, S, 1]`, 1 is paper.
 * @param hints `[B, S, S, 5]`, see `hintPlanes`.
 * @returns `[B, S, S, 4]`: `paint + filled · [artanh(0.98 · colour), 3 · (line + 1)]`
 */
function startFromHints(paint: tf.Tensor4D, line: tf.Tensor4D, hints: tf.Tensor4D): tf.Tensor4D {
  return tf.tidy(() => {
    const [colour, filled] = tf.split(hints, [3, 1, 1], 3) as [tf.Tensor4D, tf.Tensor4D]
    const shade = tf.atanh(tf.mul(colour, 0.98)) // 0 where nothing is filled
    const cover = tf.mul(filled, tf.mul(tf.add(line, 1), 3))
    return tf.add(paint, tf.concat([shade, cover], 3))
  })
}

/**
 * The discriminator: a PatchGAN that judges each patch of a coloured picture beside its line art. Spectral normalization
 * keeps every convolution from stretching its input (Miyato et al. 2018, arXiv:1802.05957), so that it cannot become
 * too sure of itself and leave the generator without a direction.
 *
 * @returns a model from line art and colour `[B, S, S, 4]` to one score per patch `[B, S/4, S/4, 1]`.
 */
export function buildDiscriminator(config: Pick<Config, 'seed' | 'model'>): LayersModel {
  const filters = config.model.discriminatorFilters
  const seeds = seedSequence(config.seed + 0x5eed)

  const pair = input({ shape: [null, null, 4], name: 'pair' }) // [B, S, S, 4]
  let x = pair
  for (const [index, strides] of [2, 2, 1].entries()) {
    const name = `judge${index + 1}`
    const kernel = { filters: filters * 2 ** index, kernelSize: 4, strides, padding: 'same' as const }
    const layer = layers.conv2d({ ...kernel, ...initial(seeds) })
    x = apply(new SpectralNormalization({ layer, name }), x)
    x = apply(layers.leakyReLU({ alpha: 0.2, name: `${name}_leaky` }), x)
  } // [B, S/4, S/4, 4F]
  // Without a bias: while all scores lie within the hinge's margins, its gradient is exactly 0.
  const kernel = { filters: 1, kernelSize: 4, padding: 'same' as const, useBias: false }
  const layer = layers.conv2d({ ...kernel, ...initial(seeds) })
  const score = new SpectralNormalization({ layer, name: 'score' })
  return model({ inputs: pair, outputs: apply(score, x), name: 'discriminator' }) // [B, S/4, S/4, 1]
}

interface ConvolutionArgs {
  filters: number
  kernelSize: number
  strides?: number
  seeds: () => number
}

/** Convolution, batch normalization, PReLU: the generator's one building block. */
function convolution(x: SymbolicTensor, name: string, args: ConvolutionArgs): SymbolicTensor {
  const { seeds, strides = 1, ...kernel } = args
  const conv = layers.conv2d({ ...kernel, strides, padding: 'same', useBias: false, name, ...initial(seeds) })
  const normalized = apply(layers.batchNormalization({ momentum: 0.9, name: `${name}_norm` }), apply(conv, x))
  return apply(prelu({ name: `${name}_prelu` }), normalized)
}

/** He et al. 2015, arXiv:1502.01852: N(0, 2 / fan-in) keeps the variance through rectified layers. */
function initial(seeds: () => number) {
  return { kernelInitializer: initializers.heNormal({ seed: seeds() }) }
}

/** A new seed for each layer, all of them given by one number. */
function seedSequence(seed: number): () => number {
  let next = seed * 1000
  return () => next++
}

function apply(
  layer: { apply(x: SymbolicTensor | SymbolicTensor[]): unknown },
  x: SymbolicTensor | SymbolicTensor[],
): SymbolicTensor {
  return layer.apply(x) as SymbolicTensor
}
