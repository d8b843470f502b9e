import type { CheckData, Player, Players } from '@dlkit/checks'
import { type PairSet, pairTensors } from '@dlkit/data'
import {
  binaryCrossEntropy,
  buildDiscriminator,
  buildGenerator,
  type Config,
  hinge,
  paintedBy,
} from '@dlkit/gan-colorize'
import { kernelsOf, l2Penalty } from '@dlkit/regularizers'
import { StandardScaler } from '@dlkit/scaler'
import * as tf from '@tensorflow/tfjs-core'
import type { LayersModel } from '@tensorflow/tfjs-layers'

/**
 * The two networks of the colouring GAN as players, each with the loss and the optimizer that it is trained with.
 *
 * @param pictures that checks look at, at most.
 */
export async function colourPlayers(
  config: Config,
  train: PairSet,
  pictures = 256,
): Promise<{ subject: Players; data: CheckData; dispose: () => void }> {
  const count = Math.min(pictures, train.ids.length)
  const { line, colour } = pairTensors(
    train,
    Array.from({ length: count }, (_, index) => index),
  )
  const scaler = await new StandardScaler().fit(line)
  const [generator, discriminator] = [buildGenerator(config), buildDiscriminator(config)]
  const { adversarial, adversarialWeight, l1Weight, l2 } = config.loss
  const { learningRate, discriminatorLearningRate, beta1 } = config.optimizer
  const gan = adversarial === 'hinge' ? hinge : binaryCrossEntropy

  const paint = (drawing: tf.Tensor4D, training: boolean) =>
    paintedBy(generator, { line: drawing, scaled: scaler.transform(drawing) as tf.Tensor4D }, { training })
  const judge = (drawing: tf.Tensor4D, picture: tf.Tensor4D, training: boolean) =>
    discriminator.apply(tf.concat([drawing, picture], 3), { training }) as tf.Tensor4D
  const penalty = () => l2Penalty(kernelsOf(generator), l2)

  const painter: Player = {
    variables: variablesOf(generator),
    optimizer: tf.train.adam(learningRate, beta1),
    model: generator,
    predict: (inputs, training) => paint(inputs as tf.Tensor4D, training),
    ...(l2 > 0 && { penalty }),
    loss({ inputs, targets }, training) {
      const [drawing, artist] = [inputs as tf.Tensor4D, targets as tf.Tensor4D]
      const painted = paint(drawing, training)
      let loss: tf.Tensor = tf.mul(tf.mean(tf.abs(tf.sub(artist, painted))), l1Weight)
      if (adversarialWeight > 0)
        loss = tf.add(loss, tf.mul(gan.generator(judge(drawing, painted, training)), adversarialWeight))
      return l2 > 0 ? tf.add(loss, penalty()) : loss
    },
  }
  const critic: Player = {
    variables: variablesOf(discriminator),
    optimizer: tf.train.adam(discriminatorLearningRate, beta1),
    model: discriminator,
    loss({ inputs, targets }, training) {
      const [drawing, artist] = [inputs as tf.Tensor4D, targets as tf.Tensor4D]
      const painted = paint(drawing, training)
      return gan.discriminator(judge(drawing, artist, training), judge(drawing, painted, training))
    },
  }
  return {
    subject: { generator: painter, ...(adversarialWeight > 0 && { discriminator: critic }) },
    data: { inputs: line, targets: colour },
    dispose() {
      generator.dispose()
      discriminator.dispose()
      painter.optimizer?.dispose()
      critic.optimizer?.dispose()
      tf.dispose([line, colour])
    },
  }
}

const variablesOf = (model: LayersModel) =>
  model.trainableWeights.map((weight) => weight.read() as tf.Variable)
