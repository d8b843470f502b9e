import { expect, test } from 'vitest'
import { comparison } from './comparison.js'

const baselines = { lineArt: { psnr: 14.7, ssim: 0.7 }, meanColour: { psnr: 9.9, ssim: 0.3 } }
const verdict = (psnr: number, ssim: number) =>
  comparison({ split: 'validation', count: 160, model: { psnr, ssim }, baselines }).verdict

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
    model: { psnr: 1, ssim: 0.5 },
    baselines,
  })
  expect(title).toBe('Held-out pictures (validation, 2), higher is better')
  expect(rows[0]).toEqual({ name: 'model', values: ['1.00', '0.500'] })
  expect(rows[1]).toEqual({ name: 'line art as it is', values: ['14.70', '0.700'] })
})

test('says nothing of the baselines on too few pictures', () => {
  const few = (count: number) =>
    comparison({ split: 'validation', count, model: { psnr: 99, ssim: 1 }, baselines }).verdict
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
