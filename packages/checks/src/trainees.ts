import * as tf from '@tensorflow/tfjs-core'
import { LayersModel } from '@tensorflow/tfjs-layers'
import { layersTrainee } from './layers-trainee.js'
import type { Player, Players, Subject, Trainee } from './player.js'
import { listOf } from './samples.js'

const isPlayer = (subject: unknown): subject is Player =>
  typeof (subject as Player | undefined)?.loss === 'function' && Array.isArray((subject as Player).variables)

function trainee(name: string, player: Player, fallback: () => tf.Optimizer): Trainee {
  const { model, predict, kind, optimizer, ...rest } = player
  return {
    ...rest,
    loss: (batch, training) => player.loss(batch, training) as tf.Scalar,
    name,
    kinds: [kind],
    ofProbabilities: false,
    optimizer: optimizer ?? fallback(),
    ...(model && { model }),
    ...(predict && { predict: (inputs, training) => [...listOf(predict(inputs, training))] }),
  }
}

/** The players of whatever is checked; `dispose` ends the optimizers that were made for those without. */
export function traineesOf(subject: Subject): { trainees: [Trainee, ...Trainee[]]; dispose: () => void } {
  const made: tf.Optimizer[] = []
  const fallback = () => {
    made.push(tf.train.adam(0.001))
    return made.at(-1)!
  }
  const dispose = () => {
    for (const optimizer of made) optimizer.dispose()
  }
  if (subject instanceof LayersModel) return { trainees: [layersTrainee(subject)], dispose }
  if (isPlayer(subject)) return { trainees: [trainee('', subject, fallback)], dispose }
  const players = Object.entries((subject ?? {}) as Players)
  const wrong = players.find(([, player]) => !isPlayer(player))
  if (players.length === 0 || wrong) {
    throw new TypeError(
      `checks: expected a compiled model, { loss, variables }, or players of that form by name${
        wrong ? `, got something else as "${wrong[0]}"` : ''
      }. Pass e.g. { generator: { loss, variables }, discriminator: { loss, variables } }.`,
    )
  }
  const trainees = players.map(([name, player]) => trainee(name, player, fallback))
  return { trainees: trainees as [Trainee, ...Trainee[]], dispose }
}
