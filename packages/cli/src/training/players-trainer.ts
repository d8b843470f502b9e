import type { Batch, Player, Players, Samples } from '@dlkit/checks'
import type { Monitor } from '@dlkit/monitors'
import { type DropoutCalls, dropoutCalls, setDropoutCalls } from '@dlkit/regularizers'
import {
  joinGroups,
  loadModelTensors,
  loadOptimizerTensors,
  modelTensors,
  optimizerTensors,
  takeGroup,
} from '@dlkit/training'
import * as tf from '@tensorflow/tfjs-core'
import { countOf, take } from './samples.js'
import type { Tensors, Trainer } from './trainer.js'

type TrainedPlayer = Player & { name: string; optimizer: tf.Optimizer }

/** Adam's learning rate for players that bring no optimizer, as in the checks. */
const RATE = 0.001

/** Trains players in turns, in their order: each step updates every one of them once on the same batch. */
export class PlayersTrainer implements Trainer {
  private readonly players: readonly TrainedPlayer[]

  constructor(players: Players) {
    this.players = Object.entries(players).map(([name, player]) => ({
      ...player,
      name,
      optimizer: player.optimizer ?? tf.train.adam(RATE),
    }))
  }

  async step(batch: Batch): Promise<Record<string, number>> {
    const losses: Record<string, number> = {}
    for (const player of this.players) {
      losses[this.lossName(player)] = await read(() => {
        if (player.step === undefined) {
          const variables = [...player.variables] as tf.Variable[]
          return player.optimizer.minimize(() => player.loss(batch, true) as tf.Scalar, true, variables)!
        }
        return player.loss(batch, true)
      })
      await player.step?.(batch)
    }
    return losses
  }

  async evaluate(samples: Samples, batchSize: number): Promise<Record<string, number>> {
    const count = countOf(samples)
    const sums = new Map(this.players.map((player) => [player, 0]))
    for (let start = 0; start < count; start += batchSize) {
      const size = Math.min(batchSize, count - start)
      const batch = take(
        samples,
        Array.from({ length: size }, (_, index) => start + index),
      )
      for (const player of this.players) {
        const loss = await read(() => player.loss(batch, false))
        sums.set(player, sums.get(player)! + (loss * size) / count)
      }
      tf.dispose([batch.inputs, batch.targets ?? []])
    }
    return Object.fromEntries([...sums].map(([player, sum]) => [this.lossName(player), sum]))
  }

  watch(monitor: Monitor): void {
    const { generator, discriminator } = Object.fromEntries(
      this.players.map((player) => [player.name, player]),
    )
    if (generator?.model && discriminator?.model) {
      monitor.attachGan({ generator: networkOf(generator), discriminator: networkOf(discriminator) })
      return
    }
    for (const player of this.players) if (player.model) monitor.attach(networkOf(player))
  }

  weights(): Tensors {
    return joinGroups(Object.fromEntries(this.players.map((player) => [player.name, weightsOf(player)])))
  }

  state(): Tensors {
    const weights = Object.entries(this.weights()).map(([name, tensor]) => [name, tensor.clone()])
    const optimizers = this.players.map((player) => [
      `${player.name}Optimizer`,
      optimizerTensors(player.optimizer),
    ])
    return { ...Object.fromEntries(weights), ...joinGroups(Object.fromEntries(optimizers)) }
  }

  restore(tensors: Tensors): void {
    for (const player of this.players) {
      const saved = takeGroup(tensors, player.name)
      if (player.model) loadModelTensors(player.model, takeGroup(saved, 'model'))
      for (const [name, variable] of ownVariables(player)) {
        const tensor = saved[name]
        if (tensor === undefined)
          throw new Error(`expected the variables that were saved, got none for ${player.name}/${name}`)
        variable.assign(tensor)
      }
      loadOptimizerTensors(player.optimizer, takeGroup(tensors, `${player.name}Optimizer`))
    }
  }

  counters(): Record<string, DropoutCalls> {
    const networks = this.players.filter(({ model }) => model)
    return Object.fromEntries(networks.map(({ name, model }) => [name, dropoutCalls(model!)]))
  }

  setCounters(counters: Record<string, DropoutCalls>): void {
    for (const { name, model } of this.players) if (model) setDropoutCalls(model, counters[name] ?? {})
  }

  dispose(): void {
    for (const { optimizer, model, variables } of this.players) {
      optimizer.dispose()
      model?.dispose()
      for (const variable of variables) if (!variable.isDisposed) variable.dispose()
    }
  }

  private lossName({ name }: TrainedPlayer): string {
    return this.players.length === 1 ? 'loss' : name
  }
}

const networkOf = ({ name, model, optimizer }: TrainedPlayer) => ({ name, model: model!, optimizer })

/** Variables that no layer of the player's network holds, by their place. */
function ownVariables({ model, variables }: Player): [name: string, variable: tf.Variable][] {
  const inModel = new Set(model?.weights.map((weight) => weight.read() as tf.Variable))
  return variables
    .map((variable, index): [string, tf.Variable] => [`variable${index}`, variable])
    .filter(([, variable]) => !inModel.has(variable))
}

function weightsOf(player: Player): Tensors {
  const own = Object.fromEntries(ownVariables(player))
  return player.model ? { ...own, ...joinGroups({ model: modelTensors(player.model) }) } : own
}

/** Reads a scalar and disposes of it. */
async function read(make: () => tf.Tensor): Promise<number> {
  const scalar = tf.tidy(make)
  const [value] = await scalar.data()
  scalar.dispose()
  return value!
}
