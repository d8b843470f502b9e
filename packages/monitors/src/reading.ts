/** Statistics of one tensor. NaN in the tensor makes `norm` and `mean` NaN. */
export interface Summary {
  /** Number of elements that were measured. */
  size: number
  mean: number
  /** Standard deviation, `√(mean(x²) − mean(x)²)`. */
  std: number
  /** Euclidean norm, `√Σx²`. */
  norm: number
  /** `mean(|x|)` */
  meanAbs: number
  min: number
  max: number
  /** Share of elements that are exactly 0. */
  zeros: number
  /** Evenly spaced elements, for histograms; only where a sink draws them. */
  sample?: number[]
}

/** Squashing or rectifying activation of a layer; `other` is everything that cannot die or saturate. */
export type ActivationKind = 'relu' | 'sigmoid' | 'tanh' | 'softmax' | 'other'

/** What was measured of a variable, of its gradient and of its update. */
export interface VariableReading {
  name: string
  /** Name of the attached network, when there are several. */
  network: string
  layer: string
  /** `kernel`: a weight matrix or filter; everything else, such as biases and slopes, is `other`. */
  role: 'kernel' | 'other'
  shape: number[]
  trainable: boolean
  /** Belongs to a layer whose result is the network's output. */
  output: boolean
  /** `missing`: the optimizer was handed the variable, but the loss does not depend on it. */
  gradient?: Summary | 'missing'
  /** Before the update. */
  weight?: Summary
  /** `‖Δw‖` of this step's update. */
  updateNorm?: number
  /** Product with the gradient of the step before, `g(t)·g(t−1)`. */
  gradientProduct?: number
}

/** What was measured of the output of a layer, over a sample of its elements. */
export interface LayerReading {
  name: string
  network: string
  activation: ActivationKind
  output: boolean
  summary: Summary
  /** Of `relu`: for each unit the share of inputs (samples and positions) for which it is active. */
  active?: number[]
  /** Number of these inputs. */
  rows: number
  /** Of `sigmoid` and `tanh`: share of values within 1 % of an end of the range. */
  saturated?: number
}

/** One tensor of the batch: inputs, targets or outputs. */
export interface BatchReading {
  batch: number
  shape: number[]
  summary: Summary
  /** Consecutive numbers read as one class each, such as token ids, have no scale. */
  discrete: boolean
  /** Mean and variance over the batch of each column: of the values of a matrix, of the channel means of pictures. */
  columnMean: number[]
  columnVariance: number[]
  /** The first values of the batch, and its sums: equal for equal batches only. */
  fingerprint: string
  /** Mean over the positions of the standard deviation over the batch. */
  batchStd: number
  /** Of pictures with three channels: mean of (largest − smallest channel). */
  saturation?: number
}

/** How the outputs of a batch go with its targets. */
export interface AnswersReading {
  /** Correlation of the two over the batch, position by position and all together: 1 for perfect answers, 0 for none. */
  agreement: number
  /** Where outputs and targets are probabilities: their cross-entropy, and that of the outputs taken for logits. */
  crossEntropy?: { activation: 'softmax' | 'sigmoid'; once: number; twice: number }
}

/** Losses of one step by name; the names `loss`, `data` and `penalty` are the total and its two parts. */
export interface StepLosses {
  step: number
  values: Record<string, number>
}

/** What the last validation said. */
export interface ValidationReading {
  step: number
  /** Without penalties. */
  loss: number
  /** Number of validation samples, where it is known. */
  samples?: number
}

/** What was measured at a step, read back from the device at once. Parts that were not due are absent or empty. */
export interface Reading {
  step: number
  /** Of every step since the last reading, oldest first. */
  losses: StepLosses[]
  /** In the order of the forward pass. */
  variables: VariableReading[]
  /** In the order of the forward pass. */
  layers: LayerReading[]
  /** The inputs of the step. */
  inputs?: BatchReading
  /** What was to be learned. */
  targets?: BatchReading
  /** What the network answered. */
  outputs?: BatchReading
  /** How the answers of a classifier are spread. */
  answers?: AnswersReading
  /** Largest |correlation| between a column of the inputs and the classes, 0 to 1. */
  leak?: number
  /** Scores of a discriminator for real and generated samples. */
  scores?: { real: number[]; fake: number[] }
  /** Gradient norm of each loss term. */
  termNorms?: Record<string, number>
  /** By network. */
  learningRates: Record<string, number>
  /** The last validation. */
  validation?: ValidationReading
}

export function emptyReading(step: number): Reading {
  return { step, losses: [], variables: [], layers: [], learningRates: {} }
}
