import type { Player, Players, Subject } from '@dlkit/checks'
import { LayersModel } from '@tensorflow/tfjs-layers'
import { ModelTrainer } from './model-trainer.js'
import { PlayersTrainer } from './players-trainer.js'
import type { Trainer } from './trainer.js'

/** What trains a compiled model, a player, or the players of a GAN. */
export function trainerOf(subject: Subject): Trainer {
  if (subject instanceof LayersModel) return new ModelTrainer(subject)
  const isAlone = typeof (subject as Player).loss === 'function'
  return new PlayersTrainer(isAlone ? { player: subject as Player } : (subject as Players))
}
