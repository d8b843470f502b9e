import { closeSync, openSync, writeSync } from 'node:fs'
import { scalarsOf } from './scalars.js'
import type { Sink } from './sink.js'

export interface JsonLinesSinkArgs {
  /** Only these lines; both by default. */
  only?: 'readings' | 'findings'
}

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
        bySteps.set(step, { ...bySteps.get(step), [name]: value })
      }
      for (const [step, values] of bySteps) append(step, { values })
    },
    finding(finding) {
      if (only !== 'readings') append(finding.step, { finding })
    },
    close() {
      if (file !== undefined) closeSync(file)
      file = undefined
    },
  }
}
