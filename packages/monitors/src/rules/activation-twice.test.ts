import { describe, expect, test } from 'vitest'
import { findings, kernel, names, repeat, summary } from '../../tests/readings.js'
import type { LayerReading, Reading } from '../reading.js'

const reading =
  (loss: number, more: Partial<Reading> = {}) =>
  (step: number): Partial<Reading> => ({
    losses: [{ step: 10 * step || 1, values: { loss } }],
    answers: { agreement: 0.2, crossEntropy: { activation: 'softmax', once: 0.3, twice: 0.7 } },
    ...more,
  })

describe('softmax twice', () => {
  test('is told by the value of the loss', () => {
    const found = findings(repeat(4, reading(0.701)))
    expect(names(found)).toEqual([['activation-twice', 20]])
    expect(found[0]!.message).toBe(
      'Softmax is applied twice, in the model and in the loss: loss is 0.701, as if the probabilities of the outputs ' +
        'were logits; their cross-entropy is 0.3.',
    )
  })

  test('is not claimed of the right loss, of another one, or where both are nearly the same', () => {
    for (const loss of [0.3, 0.66, 0.75, 0.5]) expect(findings(repeat(6, reading(loss)))).toEqual([])
    const crossEntropy = { activation: 'softmax', once: 1.08, twice: 1.1 } as const
    expect(findings(repeat(6, reading(1.1, { answers: { agreement: 0, crossEntropy } })))).toEqual([])
  })

  const layer = (name: string, more: Partial<LayerReading> = {}): LayerReading => ({
    name,
    network: '',
    activation: 'softmax',
    output: false,
    rows: 8,
    summary: summary({ size: 24 }),
    ...more,
  })
  const rules = (layers: LayerReading[], variables = [kernel('dense')]) =>
    findings(repeat(3, () => ({ layers, variables }))).map(({ rule }) => rule)

  test('is told by two layers in a row, of which the last has no weights', () => {
    expect(rules([layer('dense'), layer('softmax', { output: true })])).toEqual(['activation-twice'])
    expect(rules([layer('dense', { activation: 'relu' }), layer('softmax', { output: true })])).toEqual([])
    expect(
      rules([layer('attention', { summary: summary({ size: 64 }) }), layer('softmax', { output: true })]),
    ).toEqual([])
    const last = [kernel('dense'), kernel('softmax')]
    expect(rules([layer('dense'), layer('softmax', { output: true })], last)).toEqual([])
  })
})
