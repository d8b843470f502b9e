import { type Affine, rangeAffine, standardAffine } from './affine.js'
import { AffineScaler } from './affine-scaler.js'
import { checkRange } from './axis.js'
import type { FeatureStatistics } from './feature-statistics.js'
import { readState, type ScalerState } from './scaler-state.js'
import type { CommonArgs } from './train-statistics.js'

/** Options of `ImageScaler`. */
export interface ImageScalerArgs extends CommonArgs {
  /**
   * What pixels become. A range such as `[-1, 1]` (zero-centred; the default) or `[0, 1]`: black and white of
   * `pixelRange` are mapped to its ends, whatever the training pictures show. `'standard'`: zero mean and unit
   * deviation in each channel over the training pictures.
   */
  output?: readonly [number, number] | 'standard'
  /** Black and white of the pictures; `[0, 255]` by default. Training pixels outside of it are refused. */
  pixelRange?: readonly [number, number]
  /** `'channelsLast'` (default): `[..., height, width, channels]`. `'channelsFirst'`: `[..., channels, height, width]`. */
  dataFormat?: 'channelsLast' | 'channelsFirst'
}

interface ImageScalerSettings {
  output: [number, number] | 'standard'
  pixelRange: [number, number]
  dataFormat: 'channelsLast' | 'channelsFirst'
}

/** The saved state of a `ImageScaler`, as JSON. */
export type ImageScalerState = ScalerState<'image', ImageScalerSettings>

/**
 * Scales pictures channel by channel, to a fixed range or to zero mean and unit deviation.
 *
 * Use `[-1, 1]` for a network that ends in tanh, `'standard'` for one that does not. A fixed range needs no statistics,
 * but the scaler is fitted all the same: the fit finds pictures of another range than `pixelRange`, and its sketches
 * show drift later. `features` may name the channels.
 *
 * Shapes: `[..., height, width, channels]`, or `[..., channels, height, width]`.
 */
export class ImageScaler extends AffineScaler {
  readonly kind = 'image'
  readonly output: readonly [number, number] | 'standard'
  readonly pixelRange: readonly [number, number]
  readonly dataFormat: 'channelsLast' | 'channelsFirst'

  constructor(args: ImageScalerArgs = {}) {
    const { output = [-1, 1], pixelRange = [0, 255], dataFormat = 'channelsLast', ...common } = args
    if (dataFormat !== 'channelsLast' && dataFormat !== 'channelsFirst') {
      throw new TypeError(
        `ImageScaler: expected dataFormat to be 'channelsLast' or 'channelsFirst', got ${JSON.stringify(dataFormat)}. ` +
          "Use 'channelsLast' for [..., height, width, channels].",
      )
    }
    super('ImageScaler', dataFormat === 'channelsLast' ? -1 : -3, common)
    checkRange('ImageScaler', 'pixelRange', pixelRange, { advice: 'Try [0, 255] or [0, 1].' })
    if (output !== 'standard') {
      checkRange('ImageScaler', 'output', output, { advice: "Try [-1, 1], [0, 1] or 'standard'." })
    }
    this.output = output === 'standard' ? output : [output[0], output[1]]
    this.pixelRange = [pixelRange[0], pixelRange[1]]
    this.dataFormat = dataFormat
  }

  /** A fitted scaler from what `toJSON` returned; throws on anything else. */
  static fromJSON(state: unknown): ImageScaler {
    const { settings, ...saved } = readState('ImageScaler.fromJSON', state, 'image')
    return new ImageScaler({ ...settings, ...saved }).restore(saved)
  }

  override toJSON(): ImageScalerState {
    return { ...super.toJSON(), kind: this.kind, settings: this.settings() }
  }

  protected override settings(): ImageScalerSettings {
    const { output, pixelRange, dataFormat } = this
    return {
      output: output === 'standard' ? output : [output[0], output[1]],
      pixelRange: [pixelRange[0], pixelRange[1]],
      dataFormat,
    }
  }

  protected override twin(args: CommonArgs) {
    return new ImageScaler({ ...this.settings(), ...args }) as this
  }

  protected override affineOf(feature: FeatureStatistics, name: string): Affine {
    const { minimum, maximum } = feature
    const [black, white] = this.pixelRange
    if (minimum < black || maximum > white) {
      throw new RangeError(
        `ImageScaler: expected training pixels in [${black}, ${white}], got [${minimum}, ${maximum}] ` +
          `(channel ${name}). Set pixelRange to the black and white of the pictures.`,
      )
    }
    if (this.output === 'standard') return standardAffine(feature)
    return { ...rangeAffine(black, white - black, this.output), constant: feature.constant }
  }
}
