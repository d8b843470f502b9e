import { closeSync, openSync, writeSync } from 'node:fs'
import { scalarsOf } from './scalars.js'
import type { Sink } from './sink.js'

/** Options of `jsonLinesSink`. */
export interface JsonLinesSinkArgs {
  /**
   * Only these lines; both kinds by default. `'layers'`: of the readings what heat maps of layers show, in five digits: norms
   * of gradients, sizes of updates relative to the weights, standard deviations of activations.
   */
  only?: 'readings' | 'findings' | 'layers'
}

const OF_LAYERS = /^(gradients\/.*\/norm|updates\/.*|activations\/.*\/std)$/

/**
 * Appends lines of JSON to a file: `{ step, time, values }` for the numbers of each step and `{ step, time, finding }`.
 * NaN and infinities are the strings "NaN", "Infinity" and "-Infinity".
 */
export function jsonLinesSink(path: string, { only }: JsonLinesSinkArgs = {}): Sink {
  let file: number | undefined
  const append = (step: number, content: object) => {
    file ??= openSync(path, 'a')
    const line = JSON.stringify({ step, time: new Date().toISOString(), ...content }, (_, value: unknown) =>
      typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
    )
    writeSync(file, `${line}\n`)
  }
  return {
    reading(reading) {
      if (only === 'findings') return
      const bySteps = new Map<number, Record<string, number>>()
      for (const { step, name, value } of scalarsOf(reading)) {
        if (only === 'layers' && !OF_LAYERS.test(name)) continue
        const number = only === 'layers' ? Number(value.toPrecision(5)) : value
        bySteps.set(step, { ...bySteps.get(step), [name]: number })
      }
      for (const [step, values] of bySteps) append(step, { values })
    },
    finding(finding) {
      if (only === undefined || only === 'findings') append(finding.step, { finding })
    },
    close() {
      if (file !== undefined) closeSync(file)
      file = undefined
    },
  }
}
