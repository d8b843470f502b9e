import type { PracticeNumber } from '@dlkit/practices'
import * as tf from '@tensorflow/tfjs-core'
import { type Judgement, worst } from './check-result.js'
import { errorText } from './error-text.js'
import type { Subject, Trainee } from './player.js'
import type { CheckData } from './samples.js'
import { type CheckOptions, Session, tryLoss } from './session.js'

/** What a check adds to its judgement. */
type Named = { check: string; practice: PracticeNumber }

/** Judges a model, a loss closure or the players of a GAN; leaves them and all random numbers as they were. */
export interface Check<T extends Judgement = Judgement> {
  (model: Subject, data: CheckData, options?: CheckOptions): Promise<Named & T>
  readonly check: string
  readonly practice: PracticeNumber
  /** Judges in a session that is open already, and rewinds it. */
  judge(session: Session): Promise<Named & T>
}

const failure = (error: unknown): Judgement => ({
  verdict: 'fail',
  evidence: `The model cannot be run: ${errorText(error)}`,
  next: 'First run one batch through the model and its loss by hand, and look at the shapes on the way.',
})

/** What `judge` leaves behind is disposed of; what it throws is the model's fault. */
async function judgeIn<T extends Judgement>(
  session: Session,
  judge: (session: Session) => Promise<T>,
): Promise<T> {
  const engine = tf.engine()
  await session.rewind()
  engine.startScope()
  try {
    return await judge(session)
  } catch (error) {
    return failure(error) as T
  } finally {
    engine.endScope()
    await session.rewind()
  }
}

export function defineCheck<T extends Judgement>(
  check: string,
  practice: PracticeNumber,
  judge: (session: Session) => Promise<T>,
): Check<T> {
  const inSession = async (session: Session) => ({ check, practice, ...(await judgeIn(session, judge)) })
  const run = async (model: Subject, data: CheckData, options: CheckOptions = {}) => {
    const session = await Session.open(model, data, options, check)
    try {
      return await inSession(session)
    } finally {
      await session.close()
    }
  }
  return Object.assign(run, { check, practice, judge: inSession })
}

/** Judges each player from the same start; the worst judgement is the one that counts, and names its player. */
export async function eachPlayer<T extends Judgement>(
  session: Session,
  judge: (trainee: Trainee) => Promise<T>,
): Promise<T> {
  const judgements: T[] = []
  for (const trainee of session.trainees) {
    await session.rewind()
    await tryLoss(session, trainee)
    const judgement = await judge(trainee)
    const evidence = trainee.name === '' ? judgement.evidence : `${trainee.name}: ${judgement.evidence}`
    judgements.push({ ...judgement, evidence })
  }
  return worst(judgements as [T, ...T[]])
}
