import { expect, test } from 'vitest'
import { comparison } from './comparison.js'

const colours = { deltaE76: 9, deltaE2000: 5, bleeding: 1 }
const baselines = {
  lineArt: { psnr: 14.7, ssim: 0.7, ...colours },
  meanColour: { psnr: 9.9, ssim: 0.3, ...colours },
}
const verdict = (psnr: number, ssim: number) =>
  comparison({ split: 'validation', count: 160, model: { psnr, ssim, ...colours }, baselines }).verdict

test('says which baselines are beaten in both measures', () => {
  expect(verdict(18, 0.8)).toBe('The model beats line art as it is and beats mean training colour.')
  expect(verdict(12, 0.5)).toBe('The model does not beat line art as it is and beats mean training colour.')
  expect(verdict(15, 0.6)).toBe(
    'The model beats only the PSNR of line art as it is and beats mean training colour.',
  )
  expect(verdict(14.7, 0.7)).toMatch(/^The model does not beat line art/)
})

test('lists the model first', () => {
  const { rows, title } = comparison({
    split: 'validation',
    count: 2,
    model: { psnr: 1, ssim: 0.5, ...colours },
    baselines,
  })
  expect(title).toMatch(/^Held-out pictures \(validation, 2\): /)
  expect(rows[0]).toEqual({ name: 'model', values: ['1.00', '0.500', '9.00', '5.00', '1.00', '', ''] })
  expect(rows[1]).toMatchObject({ name: 'line art as it is', values: { 0: '14.70', 1: '0.700' } })
})

test('says nothing of the baselines on too few pictures', () => {
  const few = (count: number) =>
    comparison({ split: 'validation', count, model: { psnr: 99, ssim: 1, ...colours }, baselines }).verdict
  expect(few(1)).toBe('On only 1 held-out picture these numbers say nothing about other drawings.')
  expect(few(4)).toMatch(/^On only 4 held-out pictures/)
  expect(few(5)).toMatch(/^The model beats/)
})

test('models of other data are compared by their own measures', () => {
  const { measures, rows, verdict, title } = comparison({
    step: 9,
    split: 'test',
    count: 40,
    model: { loss: 0.25, acc: 0.9 },
    baselines: { 'a guess': { loss: 1.0986, acc: 0.34 }, nothing: { loss: 0.2 } },
  })
  expect(title).toBe('Samples of the test set (40), a lower loss is better')
  expect(measures).toEqual(['loss', 'acc'])
  expect(rows.map(({ values }) => values)).toEqual([
    ['0.25', '0.9'],
    ['1.1', '0.34'],
    ['0.2', ''],
  ])
  expect(verdict).toBe('The model beats a guess and does not beat nothing.')
})

test("lists strokes after the model, with shares of the artist's colours", () => {
  const artist = { saturation: 0.1, variety: 0.3, spread: 0.1, chroma: 10, hueEntropy: 2, colourfulness: 40 }
  const { rows, measures } = comparison({
    split: 'validation',
    count: 9,
    model: { psnr: 20, ssim: 0.9, ...colours },
    strokes: [{ count: 1, model: { psnr: 21, ssim: 0.91, ...colours, deltaE76: 7 }, colours: artist }],
    baselines,
    colours: { model: { ...artist, chroma: 9, hueEntropy: 1 }, artist },
  })
  expect(measures).toHaveLength(rows[0]!.values.length)
  expect(rows.map(({ name }) => name).slice(0, 2)).toEqual(['model', 'model, 1 stroke'])
  expect(rows[0]!.values.slice(-2)).toEqual(['90 %', '50 %'])
  expect(rows[1]!.values).toEqual(['21.00', '0.910', '7.00', '5.00', '1.00', '100 %', '100 %'])
})

test('leaves out what an evaluation of an earlier version does not know', () => {
  const old = (psnr: number, ssim: number) => ({ psnr, ssim }) as typeof baselines.lineArt
  const { rows } = comparison({
    split: 'validation',
    count: 9,
    model: old(20, 0.9),
    baselines: { lineArt: old(15, 0.8), meanColour: old(9, 0.4) },
  })
  expect(rows[0]!.values).toEqual(['20.00', '0.900', '', '', '', '', ''])
})
