import { type Guess, guess, lowestLoss } from './guess.js'
import type { LossKind, Trainee } from './player.js'
import { listOf, type Samples } from './samples.js'

export interface ExpectedLoss extends Guess {
  /** The lowest loss that there is. */
  lowest: number
}

/** What a guess has on a batch, summed over the outputs; undefined unless it is known for all of them. */
export async function expectedLoss(trainee: Trainee, batch: Samples): Promise<ExpectedLoss | undefined> {
  if (trainee.chance !== undefined) {
    return { loss: trainee.chance, formula: 'chance', constant: Number.NaN, lowest: 0 }
  }
  const targets = listOf(batch.targets)
  if (targets.length === 0 || targets.length !== trainee.kinds.length) return undefined
  const answers = trainee.predict?.(batch.inputs, false) ?? []
  const terms: (ExpectedLoss | undefined)[] = []
  for (const [index, target] of targets.entries()) {
    const kind = trainee.kinds[index]
    const columns = answers[index]?.shape.at(-1) ?? columnsOf(kind, target.shape)
    const values = await target.data()
    const term = kind && columns ? guess(kind, values, columns) : undefined
    terms.push(term && { ...term, lowest: lowestLoss(kind!, values, columns!) })
  }
  return terms.reduce((sum, term) =>
    sum && term
      ? {
          loss: sum.loss + term.loss,
          formula: `${sum.formula} + ${term.formula}`,
          constant: sum.constant + term.constant,
          lowest: sum.lowest + term.lowest,
        }
      : undefined,
  )
}

/** Class numbers alone do not say how many classes there are. */
const columnsOf = (kind: LossKind | undefined, shape: readonly number[]): number | undefined =>
  kind === 'sparseCategoricalCrossentropy' ? undefined : shape.length > 1 ? shape.at(-1) : 1
