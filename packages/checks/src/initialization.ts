import {
  activationOf,
  fanIn,
  format,
  list,
  type WatchedVariable,
  watchedVariables,
} from '@dlkit/monitors/tools'
import * as tf from '@tensorflow/tfjs-core'
import { type Judgement, pass, worst } from './check-result.js'
import { defineCheck, eachPlayer } from './define-check.js'
import { type LayerOutput, layerOutputs } from './layer-outputs.js'
import type { Trainee } from './player.js'
import { read, type Session } from './session.js'
import { statisticsOf, valuesOf } from './statistics.js'
import { variableGradients } from './variable-gradients.js'

/** Variance of the weights over 2 / fan-in; and below the smaller of that and 0.05². */
const [LARGE, SMALL] = [10, 100]
/** Size of a layer's output over that of the network's first one. */
const GROWTH = 1000
/** Share of a layer's outputs at the ends of tanh or sigmoid. */
const SATURATED = 0.5

const DRAW = 'Draw weights from a Gaussian with σ = min(0.05, √(2/fan_in)), or use heNormal or glorotUniform.'

/**
 * Weights differ from unit to unit, their variance fits the number of inputs, and activations neither grow nor shrink on
 * their way through the network.
 */
export const initialization = defineCheck('initialization', 'P18', (session) =>
  eachPlayer(session, async (trainee) => {
    const kernels = await judgeKernels(session, trainee)
    await session.rewind()
    return worst([kernels, await judgeActivations(session, trainee)])
  }),
)

async function judgeKernels(session: Session, trainee: Trainee): Promise<Judgement> {
  const { model, variables } = trainee
  const watched = watchedVariables({ ...(model && { model }), variables }, [])
  const kernels = watched.filter(({ role, variable }) => role === 'kernel' && variables.includes(variable))
  const gradients = variableGradients(trainee, session.firstBatch())
  const found = { equal: [] as string[], large: [] as string[], small: [] as string[] }
  let ratio = ''
  for (const { variable, output, ...names } of kernels) {
    const name = nameFor(names)
    if (await areUnitsEqual(variable)) {
      const gradient = gradients[variables.indexOf(variable)]
      const { rms } = statisticsOf(await valuesOf(variable))
      const breaks = rms === 0 && gradient !== undefined && !(await areUnitsEqual(gradient))
      if (!output && !breaks) found.equal.push(name)
      continue
    }
    const variance = statisticsOf(await valuesOf(variable)).rms ** 2
    const expected = 2 / fanIn(variable.shape)
    const kind =
      variance > LARGE * expected
        ? 'large'
        : variance < Math.min(0.05 ** 2, expected) / SMALL && !output
          ? 'small'
          : undefined
    if (kind === undefined) continue
    found[kind].push(name)
    ratio ||= `σ is ${format(Math.sqrt(variance))}, a fan-in of ${fanIn(variable.shape)} asks for about ${format(Math.sqrt(expected))}`
  }
  if (found.equal.length > 0) {
    return {
      verdict: 'fail',
      evidence: `All units of ${list(found.equal)} start with the same weights, and learn the same.`,
      next: `First check the initializer of these layers, zeros and constants above all. ${DRAW}`,
    }
  }
  for (const size of ['large', 'small'] as const) {
    if (found[size].length === 0) continue
    return {
      verdict: 'warn',
      evidence: `Weights of ${list(found[size])} start too ${size}: ${ratio}.`,
      next: `First check the initializer of these layers (a σ taken for a variance, a fan-in of another layer). ${DRAW}`,
    }
  }
  return pass(
    `The weights of ${kernels.length} kernels differ from unit to unit and have the size that fits their fan-in.`,
  )
}

const nameFor = ({ layer, name }: Pick<WatchedVariable, 'layer' | 'name'>): string =>
  name.startsWith(layer) ? name : `${layer}/${name}`

/** The last axis counts units. A single unit cannot equal others. */
async function areUnitsEqual(tensor: tf.Tensor): Promise<boolean> {
  if (tensor.rank < 2 || tensor.shape.at(-1) === 1) return false
  return (await read(() => tf.max(tf.sub(tf.max(tensor, -1), tf.min(tensor, -1))))) === 0
}

async function judgeActivations(session: Session, trainee: Trainee): Promise<Judgement> {
  const batch = session.firstBatch()
  const seen = layerOutputs(trainee, () => trainee.loss(batch, true))
  try {
    return await judgeOutputs(seen.filter(({ output }) => output.dtype === 'float32'))
  } finally {
    tf.dispose(seen.map(({ output }) => output))
  }
}

async function judgeOutputs(seen: readonly LayerOutput[]): Promise<Judgement> {
  const sizes: { name: string; std: number }[] = []
  for (const { layer, output } of seen) {
    const values = await valuesOf(output)
    const { std } = statisticsOf(values)
    sizes.push({ name: layer.name, std })
    const kind = activationOf(layer)
    if ((kind === 'tanh' || kind === 'sigmoid') && saturatedShare(values, kind) > SATURATED) {
      return {
        verdict: 'warn',
        evidence: `More than half of the outputs of ${layer.name} (${kind}) are at the ends of their range before training.`,
        next: `First check the scale of the inputs and of this layer's weights. ${DRAW}`,
      }
    }
  }
  const alive = sizes.filter(({ std }) => std > 0)
  const [first] = alive
  const odd = alive.find(({ std }) => std > GROWTH * first!.std || std < first!.std / GROWTH)
  if (!first || !odd) return pass(`Activations have standard deviations ${range(alive)}.`)
  return {
    verdict: 'warn',
    evidence: `Activations ${odd.std > first.std ? 'grow' : 'shrink'} from layer to layer: σ is ${format(first.std)} after ${first.name} and ${format(odd.std)} after ${odd.name}.`,
    next: `First check the initializers between these layers, then normalize, or add shortcuts. ${DRAW}`,
  }
}

const range = (sizes: readonly { std: number }[]): string => {
  const all = sizes.map(({ std }) => std)
  return all.length === 0
    ? 'that are not known'
    : `from ${format(Math.min(...all))} to ${format(Math.max(...all))}`
}

function saturatedShare(values: ArrayLike<number>, kind: 'sigmoid' | 'tanh'): number {
  let count = 0
  for (let index = 0; index < values.length; index++) {
    const centred = kind === 'tanh' ? values[index]! : 2 * values[index]! - 1
    if (Math.abs(centred) > 0.98) count++
  }
  return count / Math.max(1, values.length)
}
