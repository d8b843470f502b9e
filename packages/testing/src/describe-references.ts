import { describe, expect, test } from 'vitest'
import { measureReference, type Reference, type ReferenceSubject } from './measure-reference.js'

/** float32 has 7 digits; sums of some hundred terms lose one or two of them, a second derivative one more. */
const ALLOWED = { values: 2e-5, gradients: 1e-4, secondGradients: 1e-3 }

/**
 * Declares one test per reference: values and gradients differ from another program's by less than float32 explains,
 * measured in units of the largest expected magnitude where that is above 1.
 *
 * @param make the layer or function that a reference is about.
 */
export function describeReferences(
  references: Reference[],
  make: (reference: Reference) => ReferenceSubject,
): void {
  describe('values and gradients equal those of another program', () => {
    const cases = references.map((reference): [string, Reference] => [title(reference), reference])
    test.each(cases)('%s', (_, reference) => {
      const errors = measureReference(reference, make(reference))
      const { penaltyGradients } = reference
      const sizes = {
        values: largest([
          ...reference.outputs.map(({ values }) => values),
          ...Object.values(reference.weightsAfter ?? {}),
        ]),
        gradients: largest([...reference.inputGradients, ...Object.values(reference.weightGradients)]),
        secondGradients: largest([
          ...(penaltyGradients?.inputs ?? []),
          ...Object.values(penaltyGradients?.weights ?? {}),
        ]),
      }
      for (const kind of ['values', 'gradients', 'secondGradients'] as const) {
        expect(errors[kind] ?? 0, kind).toBeLessThan(ALLOWED[kind] * Math.max(1, sizes[kind]))
      }
    })
  })
}

function title({ name, source, config }: Reference): string {
  const options = JSON.stringify(config)
  return `${name}${options === '{}' ? '' : ` ${options.slice(0, 60)}`} like ${source}`
}

function largest(lists: (number[] | null)[]): number {
  return lists.reduce(
    (maximum, list) => (list ?? []).reduce((inner, value) => Math.max(inner, Math.abs(value)), maximum),
    0,
  )
}
