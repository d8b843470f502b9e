import { type Finding, finiteValues, format } from './finding.js'
import type { LossEvent } from './loss-tracker.js'

/** The finding that tells about an event of one loss. */
export function lossFinding(monitor: string, loss: string, step: number, event: LossEvent): Finding {
  const { severity, message, remedy, practice, values } = describe(loss, event)
  return { monitor: `${monitor}.${event.rule}`, severity, step, message, remedy, practice, values }
}

function describe(
  loss: string,
  event: LossEvent,
): Omit<Finding, 'monitor' | 'step'> & { values: Record<string, number> } {
  switch (event.rule) {
    case 'nonFinite': {
      const { value, last } = event
      return {
        severity: 'error',
        message: `${loss} is ${value}${last === null ? ', from the start' : `; it was ${format(last)} before`}.`,
        remedy:
          'Stop and go back to the last checkpoint: NaN spreads to all weights with the next update. Rule out first: ' +
          'NaN or unscaled values in the inputs and targets; log(0), √0 or x/0 in the loss (add 1e-7 inside); ' +
          'weights initialized with more than σ = √(2/fan_in). Then clip the global gradient norm, and only then ' +
          'lower the learning rate, by a factor of 3 to 10.',
        practice: 'P9',
        values: last === null ? {} : { last },
      }
    }
    case 'divergence': {
      const { level, best } = event
      return {
        severity: 'warning',
        message: `${loss} diverges: its running median is ${format(level)}, its best was ${format(best)}.`,
        remedy:
          'Go back to the checkpoint with the best level. Look at the gradient findings first and rule out unscaled ' +
          'inputs, initialization and a change in the data at this step. Then lower the learning rate by a factor ' +
          'of 3, or clip the global gradient norm at twice its median.',
        practice: 'P28',
        values: finiteValues({ level, best }),
      }
    }
    case 'neverDropped': {
      const { level, first, observations } = event
      return {
        severity: 'warning',
        message:
          `${loss} has not dropped in ${observations} observations: it started at ${format(first)} and its ` +
          `running median is ${format(level)}.`,
        remedy:
          'That is a bug until proven otherwise: overfit 10 to 20 samples with dropout, augmentation and L1/L2 off; ' +
          'the loss must go towards 0. If it does not, check that inputs and targets belong together after ' +
          'shuffling, that targets fit the range of the last activation, and that gradients reach every variable.',
        practice: 'P15',
        values: finiteValues({ first, level, observations }),
      }
    }
    case 'noProgress': {
      const { level, first, observations } = event
      return {
        severity: 'info',
        message:
          `${loss} makes no progress: its running median has stayed at about ${format(level)} for ` +
          `${observations} observations (it started at ${format(first)}).`,
        remedy:
          'If that is good enough, stop here and pick the best checkpoint. Otherwise lower the learning rate by a ' +
          'factor of 3 (or decay it, 0.95 per epoch); if that changes nothing, the model is too small: add filters ' +
          'or layers.',
        practice: 'P28',
        values: finiteValues({ first, level, observations }),
      }
    }
    case 'oscillation': {
      const { level, swing } = event
      return {
        severity: 'warning',
        message: `${loss} oscillates: it moves by ${format(swing)} from one value to the next at a level of ${format(level)}.`,
        remedy:
          'The batch is probably too small: double it, up to 64, and then leave it. Check that the data is shuffled ' +
          '(classes or pictures in order swing with a period). If the batch is 32 or more already, lower the ' +
          'learning rate by a factor of 3.',
        practice: 'P22',
        values: finiteValues({ level, swing }),
      }
    }
  }
}
