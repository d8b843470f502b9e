import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readRegularFile } from '@dlkit/corrections/files'
import { isBetter, type MetricArgs, modeOf } from './callbacks/metric.js'
import { hashOf, listCheckpoints, MANIFEST, type Manifest, METRICS } from './checkpoint-files.js'
import { decodeNumber } from './json-lines.js'

/** Which checkpoints stay because a metric was best in them. */
export interface BestArgs extends MetricArgs {
  /** How many, from 1. Default: 1. */
  keep?: number
}

export function checkBest({ metric, mode, keep = 1 }: BestArgs): Required<BestArgs> {
  if (typeof metric !== 'string' || metric === '') {
    throw new TypeError(`best: expected the name of a metric, got ${JSON.stringify(metric)}.`)
  }
  if (!Number.isSafeInteger(keep) || keep < 1) {
    throw new RangeError(`best: expected keep to be a whole number from 1, got ${keep} (metric "${metric}").`)
  }
  return { metric, mode: modeOf({ metric, ...(mode && { mode }) }), keep }
}

/** The checkpoints that hold a metric, best first; of equal ones the older first. */
export function rankCheckpoints(runPath: string, args: MetricArgs): { step: number; path: string }[] {
  const mode = modeOf(args)
  const order = (a: number, b: number) => Number(isBetter(mode, b, a)) - Number(isBetter(mode, a, b))
  const ranked = listCheckpoints(runPath).flatMap((checkpoint) => {
    const value = metricsOf(checkpoint.path)[args.metric]
    return value === undefined || Number.isNaN(value) ? [] : [{ ...checkpoint, value }]
  })
  ranked.sort((a, b) => order(a.value, b.value) || a.step - b.step)
  return ranked.map(({ step, path }) => ({ step, path }))
}

/** Checkpoints that might be among the best, but whose metrics cannot be read. */
export function damagedMetrics(runPath: string): { path: string; reason: string }[] {
  return listCheckpoints(runPath)
    .filter(({ path }) => existsSync(join(path, METRICS)) && Object.keys(metricsOf(path)).length === 0)
    .map(({ path }) => ({ path, reason: `${METRICS} does not match its SHA-256` }))
}

/** The metrics that a checkpoint was saved with; none where there are none or they are damaged. */
function metricsOf(checkpoint: string): Record<string, number> {
  try {
    const { files } = JSON.parse(readRegularFile(join(checkpoint, MANIFEST)).toString()) as Manifest
    const text = readRegularFile(join(checkpoint, METRICS))
    return hashOf(text) === files[METRICS]?.sha256 ? decodeMetrics(text) : {}
  } catch {
    return {}
  }
}

export function decodeMetrics(text: Buffer): Record<string, number> {
  const values = Object.entries(JSON.parse(text.toString()) as object)
  return Object.fromEntries(values.map(([name, value]) => [name, decodeNumber(value) ?? Number.NaN]))
}
