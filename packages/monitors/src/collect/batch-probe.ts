import * as tf from '@tensorflow/tfjs-core'
import type { BatchReading, Reading } from '../reading.js'
import { measureAnswers } from './measure-answers.js'
import { type BatchTensor, measureBatch, measureLeak } from './measure-batch.js'
import type { Pack } from './pack.js'

/** Scores of a discriminator that are read. */
const SCORES = 256

export interface BatchData {
  inputs?: tf.Tensor | undefined
  targets?: tf.Tensor | undefined
  outputs?: tf.Tensor | undefined
  scores?: { real: tf.Tensor; fake: tf.Tensor } | undefined
  /** The targets are class numbers. */
  sparse: boolean
}

type BatchPart = Pick<Reading, 'inputs' | 'targets' | 'outputs' | 'answers' | 'scores' | 'leak'>

/** Inputs and targets of the running step, as far as an attached model has shown them. */
export class BatchProbe {
  private inputs: { tensor: tf.Tensor; discrete: boolean } | undefined
  private targets: tf.Tensor | undefined
  private validationSamples = 0

  takeInputs(tensor: tf.Tensor, discrete: boolean): void {
    this.inputs?.tensor.dispose()
    this.inputs = { tensor: tf.keep(tensor.clone()), discrete }
  }

  takeTargets(tensor: tf.Tensor): void {
    this.targets?.dispose()
    this.targets = tf.keep(tensor.clone())
  }

  countValidation(samples: number): void {
    this.validationSamples += samples
  }

  takeValidationSamples(): number {
    const samples = this.validationSamples
    this.validationSamples = 0
    return samples
  }

  /** Adds everything to the pack; tensors of `data` go before those that were taken. */
  measure(pack: Pack, data: BatchData, sample: boolean): () => BatchPart {
    const inputs = data.inputs ?? this.inputs?.tensor
    const targets = data.targets ?? this.targets
    const { outputs, scores, sparse } = data
    const discrete = this.inputs?.discrete === true || inputs?.dtype === 'int32'
    const classes = sparse ? outputs?.shape.at(-1) : undefined
    const read = (batch: BatchTensor | undefined) => batch && measureBatch(pack, batch, sample)
    const readings: [keyof BatchPart, (() => BatchReading) | undefined][] = [
      ['inputs', read(inputs && { tensor: inputs, discrete })],
      ['targets', read(targets && { tensor: targets, discrete: sparse, classes })],
      ['outputs', read(outputs && { tensor: outputs, discrete: false })],
    ]
    const leak = inputs && targets && !discrete && !sparse ? measureLeak(pack, inputs, targets) : undefined
    const answers = outputs && targets ? measureAnswers(pack, outputs, targets) : undefined
    const real = scores && pack.add(firstScores(scores.real))
    const fake = scores && pack.add(firstScores(scores.fake))
    return () => ({
      ...Object.fromEntries(readings.flatMap(([name, reading]) => (reading ? [[name, reading()]] : []))),
      ...(leak && { leak: leak() }),
      ...(answers && { answers: answers() }),
      ...(real && fake && { scores: { real: Array.from(real()), fake: Array.from(fake()) } }),
    })
  }

  endStep(): void {
    this.inputs?.tensor.dispose()
    this.targets?.dispose()
    this.inputs = undefined
    this.targets = undefined
  }
}

function firstScores(scores: tf.Tensor): tf.Tensor {
  const stride = Math.ceil(scores.size / SCORES)
  return tf.stridedSlice(tf.reshape(scores, [scores.size]), [0], [scores.size], [stride])
}
