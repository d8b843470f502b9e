import * as tf from '@tensorflow/tfjs-core'
import type { NetworkProbe } from '../attach/network-probe.js'
import { emptyReading, type Reading } from '../reading.js'
import type { FullLook } from '../schedule.js'
import type { StepData } from '../step-data.js'
import type { BatchProbe } from './batch-probe.js'
import type { LossBuffer } from './loss-buffer.js'
import { measureTerms } from './measure-terms.js'
import { Pack } from './pack.js'

/** A reading that is on its way from the device. */
export type ComingReading = () => Promise<Reading>

interface Step {
  step: number
  /** What is measured; none: the losses only. */
  look: FullLook | undefined
  data: StepData
  losses: LossBuffer
  batch: BatchProbe
  /** Of all attached networks, the main one first. */
  probes: readonly NetworkProbe[]
  /** Targets are class numbers. */
  sparse: boolean
  learningRates: Record<string, number>
}

/** Measures a step on the device; all numbers come back together, in one read. */
export function measureStep({
  step,
  look,
  data,
  losses,
  batch,
  probes,
  sparse,
  learningRates,
}: Step): ComingReading {
  const pack = new Pack()
  let read = (): Reading => emptyReading(step)
  const joined = tf.tidy(() => {
    const readLosses = losses.moveTo(pack)
    const networks = look ? probes.map((probe) => probe.measure(pack, look)) : []
    const main = probes[0]
    const outputs = data.outputs ?? main?.output()
    const readBatch = look?.data
      ? batch.measure(pack, { ...data, outputs, sparse }, look.histograms)
      : undefined
    const terms =
      look?.terms && data.terms && main ? measureTerms(pack, data.terms, main.trainable()) : undefined
    read = () => {
      const parts = networks.map((network) => network())
      return {
        step,
        losses: readLosses(),
        variables: parts.flatMap(({ variables }) => variables),
        layers: parts.flatMap(({ layers }) => layers),
        ...readBatch?.(),
        ...(terms && { termNorms: terms() }),
        learningRates,
      }
    }
    return pack.join()
  })
  losses.clear()
  return async () => {
    await pack.read(joined)
    return read()
  }
}
