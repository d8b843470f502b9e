import { existsSync } from 'node:fs'
import type { ModelWeights } from '@dlkit/optimizers'
import { checkBest } from '../best-checkpoints.js'
import type { Callback } from '../callback.js'
import { checkpointPath } from '../checkpoint-files.js'
import { knownPart, type Part, type Parts } from '../parts/part.js'
import { loadParts, saveParts } from '../parts/resume.js'
import type { RunFolder } from '../run-folder.js'
import type { MetricArgs } from './metric.js'

/** Options of `checkpoint`. */
export interface CheckpointArgs {
  /** In a loop of steps: also every so many steps, and at the end. Default: only after each measurement of metrics. */
  every?: number
  /** How many of the newest checkpoints stay, from 1. Default: 3. */
  keep?: number
  /** Checkpoints that stay because a metric was best in them: `keep` (1) of them for each metric. Default: none. */
  best?: (MetricArgs & { keep?: number }) | readonly (MetricArgs & { keep?: number })[]
  /** At the end of the training, gives the models the weights of the checkpoint that is best by the first of `best`. */
  restoreBest?: boolean
  /** Told of each checkpoint that was written. */
  onSaved?: (checkpoint: { step: number; path: string }) => void
}

/**
 * Saves all parts of a training as checkpoints of its run: at the start, after each validation or epoch, and when a loop
 * of steps ends. {@link resume} continues from there, bit for bit. Put it last; other callbacks that have a state belong to its parts.
 *
 * @throws {RangeError} when every is no whole number from 0, or for restoreBest without best.
 */
export function checkpoint(run: RunFolder, parts: Parts, args: CheckpointArgs = {}): Callback {
  const { every = 0, keep = 3, restoreBest = false, onSaved } = args
  const best = [args.best ?? []].flat().map(checkBest)
  if (!Number.isSafeInteger(every) || every < 0) {
    throw new RangeError(`checkpoint: expected every to be a whole number from 0, got ${every}.`)
  }
  if (restoreBest && best.length === 0) {
    throw new RangeError(
      "checkpoint: expected best for restoreBest, got none. Pass best: { metric: 'val_loss' }.",
    )
  }
  const models = Object.entries(parts).filter(([name, part]) => knownPart(name, part).kind === 'model')
  let saved = -1
  let inEpochs = false
  const save = async (step: number, more: { epoch?: number; metrics?: Record<string, number> } = {}) => {
    const path = await saveParts(run, parts, { step, ...more, keep, best })
    saved = step
    onSaved?.({ step, path })
  }
  return {
    name: 'checkpoint',
    async onStart({ from, resumesAt, callbacks }) {
      inEpochs = resumesAt === 'epoch'
      if (inEpochs && every > 0) {
        throw new RangeError(
          `checkpoint: expected no every in fit, which continues between epochs only, got ${every}. Leave it out.`,
        )
      }
      refuseForgotten(callbacks, parts)
      if (existsSync(checkpointPath(run.path, from))) saved = from
      else if (from === 0) await save(0)
    },
    async onStep({ step, measures }) {
      if (every > 0 && step % every === 0 && !measures) await save(step)
    },
    async onMetrics({ step, epoch, metrics }) {
      await save(step, { metrics, ...(epoch !== undefined && { epoch }) })
    },
    async onEnd({ step }) {
      if (!inEpochs && step !== saved) await save(step)
    },
    async onFinished({ interrupted }) {
      if (!restoreBest || interrupted) return
      const weights = Object.fromEntries(models.map(([name, part]) => [name, part as ModelWeights]))
      await loadParts(run, weights, { best: best[0]! })
    },
  }
}

/** What a callback remembers would be lost with the process. */
function refuseForgotten(callbacks: readonly Callback[], parts: Parts): void {
  const own = callbacks.findIndex(({ name }) => name === 'checkpoint')
  const known = new Set<unknown>(Object.values(parts))
  for (const [index, callback] of callbacks.entries()) {
    if (callback.state === undefined) continue
    const name = callback.name ?? `callback ${index + 1}`
    if (!known.has(callback as Part)) {
      throw new RangeError(
        `checkpoint: expected ${name} among the parts, since it has a state, got ${Object.keys(parts).join(', ')}. ` +
          `Add it: { …, ${callback.name ?? 'name'} }.`,
      )
    }
    if (index > own) {
      throw new RangeError(
        `checkpoint: expected ${name} before the checkpoint, got it behind. Put checkpoint last.`,
      )
    }
  }
}
