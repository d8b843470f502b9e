import type { Monitor } from '@dlkit/monitors'
import { type DropoutCalls, dropoutCalls, kernelsOf, l2Penalty, setDropoutCalls } from '@dlkit/regularizers'
import type { StandardScaler } from '@dlkit/scaler'
import {
  ExponentialMovingAverage,
  joinGroups,
  loadModelTensors,
  loadOptimizerTensors,
  modelTensors,
  optimizerTensors,
  replayedStep,
  takeGroup,
} from '@dlkit/training'
import * as tf from '@tensorflow/tfjs-core'
import type { LayersModel } from '@tensorflow/tfjs-layers'
import type { Config } from './config.js'
import { adversarialLosses } from './losses.js'
import { buildDiscriminator, buildGenerator, paintedBy } from './model.js'
import { rateAt } from './rate.js'

type Tensors = Record<string, tf.Tensor>

/** What a checkpoint needs besides tensors; plain JSON. */
export interface GanState {
  dropoutCalls: DropoutCalls
}

/** What one update leaves to look at; the caller disposes all of it. */
export type GanUpdate = {
  losses: Record<string, tf.Scalar>
  /** The painted pictures, `[B, S, S, 3]`. */
  fake: tf.Tensor4D
  /** The discriminator's scores, if it takes part. */
  scores?: { real: tf.Tensor4D; fake: tf.Tensor4D }
}

/** Generator, discriminator, their optimizers and the averaged generator: everything that training changes. */
export class ColorGan {
  readonly generator: LayersModel
  readonly discriminator: LayersModel
  private readonly average: ExponentialMovingAverage
  private readonly generatorOptimizer: tf.AdamOptimizer
  private readonly discriminatorOptimizer: tf.AdamOptimizer

  /** @param scaler fitted on the line art of the training pictures; it stays the caller's. */
  constructor(
    private readonly config: Config,
    private readonly scaler: StandardScaler,
  ) {
    const { learningRate, discriminatorLearningRate, beta1, ema } = config.optimizer
    this.generator = buildGenerator(config)
    this.discriminator = buildDiscriminator(config)
    this.generatorOptimizer = tf.train.adam(learningRate, beta1)
    this.discriminatorOptimizer = tf.train.adam(discriminatorLearningRate, beta1)
    this.average = new ExponentialMovingAverage(this.generator, { decay: ema })
  }

  /**
   * One update of both networks from one forward pass of the generator: the pictures that it painted to learn
   * from are the ones that the discriminator then learns to tell from real ones.
   *
   * @param line `[B, S, S, 1]` in [-1, 1]; @param colour `[B, S, S, 3]` in [-1, 1]; @param hints `[B, S, S, 5]` for
   * networks that take strokes; all stay the caller's.
   */
  update(line: tf.Tensor4D, colour: tf.Tensor4D, hints?: tf.Tensor4D): GanUpdate {
    return hints ? this.guidedStep(line, colour, hints) : this.unguidedStep(line, colour)
  }

  private readonly unguidedStep = replayedStep((line: tf.Tensor4D, colour: tf.Tensor4D) =>
    this.step(line, colour),
  )
  private readonly guidedStep = replayedStep((line: tf.Tensor4D, colour: tf.Tensor4D, hints: tf.Tensor4D) =>
    this.step(line, colour, hints),
  )

  /** Sets the rates of the optimizers for the steps that follow `step`. */
  schedule(step: number): void {
    const { learningRate, discriminatorLearningRate } = this.config.optimizer
    const share = rateAt(this.config, step)
    setLearningRate(this.generatorOptimizer, learningRate * share)
    setLearningRate(this.discriminatorOptimizer, discriminatorLearningRate * share)
  }

  private step(line: tf.Tensor4D, colour: tf.Tensor4D, hints?: tf.Tensor4D): GanUpdate {
    const { adversarial, adversarialWeight, l1Weight, l2 } = this.config.loss
    const gan = adversarialLosses[adversarial]
    const judge = (picture: tf.Tensor4D) =>
      this.discriminator.apply(tf.concat([line, picture], 3), { training: true }) as tf.Tensor4D

    return tf.tidy(() => {
      const losses: Record<string, tf.Scalar> = {}
      let fake = colour
      const generatorStep = tf.variableGrads(() => {
        fake = tf.keep(this.paint(line, hints, { training: true })) // [B, S, S, 3]
        losses.l1 = tf.keep(tf.mean(tf.abs(tf.sub(colour, fake))))
        let total = tf.mul(losses.l1, l1Weight)
        if (adversarialWeight > 0) {
          losses.adversarial = tf.keep(gan.generator(judge(fake)))
          total = tf.add(total, tf.mul(losses.adversarial, adversarialWeight))
        }
        if (l2 > 0) {
          losses.penalty = tf.keep(l2Penalty(kernelsOf(this.generator), l2))
          total = tf.add(total, losses.penalty)
        }
        return total as tf.Scalar
      }, trainable(this.generator))
      losses.generator = generatorStep.value
      this.generatorOptimizer.applyGradients(byName(generatorStep.grads))

      let scores: GanUpdate['scores']
      if (adversarialWeight > 0) {
        const discriminatorStep = tf.variableGrads(() => {
          scores = { real: tf.keep(judge(colour)), fake: tf.keep(judge(fake)) }
          return gan.discriminator(scores.real, scores.fake)
        }, trainable(this.discriminator))
        losses.discriminator = discriminatorStep.value
        this.discriminatorOptimizer.applyGradients(byName(discriminatorStep.grads))
      }
      this.average.update()
      return { losses, fake, ...(scores && { scores }) }
    })
  }

  /** Shows the networks that take part in the training to a monitor. */
  watch(monitor: Monitor): void {
    const generator = { model: this.generator, optimizer: this.generatorOptimizer }
    const discriminator = { model: this.discriminator, optimizer: this.discriminatorOptimizer }
    if (this.config.loss.adversarialWeight > 0) monitor.attachGan({ generator, discriminator })
    else monitor.attach({ name: 'generator', ...generator })
  }

  /**
   * Colours line art `[B, S, S, 1]` with the averaged generator: `[B, S, S, 3]`, both in [-1, 1].
   *
   * @param hints `[B, S, S, 5]`, see `hintPlanes`. Default: no strokes.
   */
  colour(line: tf.Tensor4D, hints?: tf.Tensor4D): tf.Tensor4D {
    return this.average.apply(() => this.paint(line, hints, { training: false }))
  }

  /** The same with the generator as it is, to compare. */
  colourRaw(line: tf.Tensor4D): tf.Tensor4D {
    return this.paint(line, undefined, { training: false })
  }

  private paint(line: tf.Tensor4D, hints: tf.Tensor4D | undefined, mode: { training: boolean }): tf.Tensor4D {
    if (hints && !this.config.model.hints) {
      throw new Error(
        'ColorGan: expected no hints, got some (model.hints: false). Train with model.hints: true to colour by strokes.',
      )
    }
    return tf.tidy(() => {
      const scaled = this.scaler.transform(line) as tf.Tensor4D
      return paintedBy(this.generator, { line, scaled, ...(hints && { hints }) }, mode)
    })
  }

  /** Everything a checkpoint needs; the caller disposes the tensors. */
  checkpoint(): { tensors: Tensors; state: GanState } {
    const tensors = tf.tidy(() => {
      const borrowed = joinGroups({
        generator: modelTensors(this.generator),
        average: this.average.tensors(),
        generatorOptimizer: optimizerTensors(this.generatorOptimizer),
        discriminator: modelTensors(this.discriminator),
        discriminatorOptimizer: optimizerTensors(this.discriminatorOptimizer),
      })
      return Object.fromEntries(Object.entries(borrowed).map(([name, tensor]) => [name, tensor.clone()]))
    })
    return { tensors, state: { dropoutCalls: dropoutCalls(this.generator) } }
  }

  /** Continues from what `checkpoint` gave; the tensors stay the caller's. */
  restore(tensors: Tensors, state: GanState): void {
    loadModelTensors(this.generator, takeGroup(tensors, 'generator'))
    this.average.load(takeGroup(tensors, 'average'))
    loadOptimizerTensors(this.generatorOptimizer, takeGroup(tensors, 'generatorOptimizer'))
    loadModelTensors(this.discriminator, takeGroup(tensors, 'discriminator'))
    loadOptimizerTensors(this.discriminatorOptimizer, takeGroup(tensors, 'discriminatorOptimizer'))
    setDropoutCalls(this.generator, state.dropoutCalls)
  }

  /** Starts with the networks of a checkpoint, the averaged generator as generator; the optimizers start anew. */
  startFrom(tensors: Tensors): void {
    loadModelTensors(this.generator, takeGroup(tensors, 'average'))
    this.average.load(takeGroup(tensors, 'average'))
    loadModelTensors(this.discriminator, takeGroup(tensors, 'discriminator'))
  }

  dispose(): void {
    this.unguidedStep.dispose()
    this.guidedStep.dispose()
    this.average.dispose()
    this.generatorOptimizer.dispose()
    this.discriminatorOptimizer.dispose()
    this.generator.dispose()
    this.discriminator.dispose()
  }
}

/** tf.layers keeps its variables behind `LayerVariable`; `read` gives the `tf.Variable` itself. */
function trainable(model: LayersModel): tf.Variable[] {
  return model.trainableWeights.map((weight) => weight.read() as tf.Variable)
}

/** The field is protected in its type; Adam reads it at each step. */
function setLearningRate(optimizer: tf.AdamOptimizer, learningRate: number): void {
  Object.assign(optimizer, { learningRate })
}

/** `applyGradients` takes gradients by name, though its type asks for variables by name. */
function byName(gradients: Tensors): Record<string, tf.Variable> {
  return gradients as Record<string, tf.Variable>
}

/** Waits for scalars in one read instead of one each. */
export async function readScalars(scalars: Record<string, tf.Scalar>): Promise<Record<string, number>> {
  const names = Object.keys(scalars)
  const stacked = tf.stack(Object.values(scalars))
  const values = await stacked.data()
  stacked.dispose()
  return Object.fromEntries(names.map((name, index) => [name, values[index]!]))
}
