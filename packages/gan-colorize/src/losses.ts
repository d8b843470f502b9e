import * as tf from '@tensorflow/tfjs-core'

/**
 * How the two networks score each other. Scores are the discriminator's raw outputs, of any shape; each loss is
 * the mean over all scores.
 */
export interface AdversarialLoss {
  /** What the discriminator minimizes. */
  discriminator(real: tf.Tensor, fake: tf.Tensor): tf.Scalar
  /** What the generator minimizes. */
  generator(fake: tf.Tensor): tf.Scalar
}

/** Hinge loss (Lim & Ye 2017, arXiv:1705.02894): `mean(max(0, 1 − real)) + mean(max(0, 1 + fake))`, `−mean(fake)`. */
export const hinge: AdversarialLoss = {
  discriminator: (real, fake) =>
    tf.tidy(() => tf.add(tf.mean(tf.relu(tf.sub(1, real))), tf.mean(tf.relu(tf.add(1, fake))))),
  generator: (fake) => tf.tidy(() => tf.neg(tf.mean<tf.Scalar>(fake))),
}

/**
 * Binary cross-entropy on logits (Goodfellow et al. 2014, arXiv:1406.2661, non-saturating form):
 * `½·mean(softplus(−real)) + ½·mean(softplus(fake))` and `mean(softplus(−fake))`.
 */
export const binaryCrossEntropy: AdversarialLoss = {
  discriminator: (real, fake) =>
    tf.tidy(() => tf.mul(0.5, tf.add(tf.mean(tf.softplus(tf.neg(real))), tf.mean(tf.softplus(fake))))),
  generator: (fake) => tf.tidy(() => tf.mean(tf.softplus(tf.neg(fake)))),
}

export const adversarialLosses = { hinge, bce: binaryCrossEntropy }
