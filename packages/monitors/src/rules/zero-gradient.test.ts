import { expect, test } from 'vitest'
import { findings, kernel, names, repeat, summary } from '../../tests/readings.js'

const none = { gradient: summary({ norm: 0, meanAbs: 0 }), updateNorm: 0 }
const variables =
  (...list: [name: string, more?: object][]) =>
  () => ({
    variables: list.map(([name, more]) => kernel(name, more)),
  })

test('a branch whose gradient stays exactly 0 is named, wherever it is behind a variable that learns', () => {
  const middle = findings(repeat(12, variables(['first'], ['branch', none], ['last'])))
  expect(names(middle)).toEqual([['zero-gradient', 80]])
  expect(middle[0]!.where).toEqual(['branch'])
  expect(names(findings(repeat(12, variables(['first'], ['head', none]))))).toEqual([['zero-gradient', 80]])
  const vector = { ...none, role: 'other', shape: [4] }
  expect(names(findings(repeat(12, variables(['first'], ['scale', vector]))))).toEqual([
    ['zero-gradient', 80],
  ])
})

test('a branch that gets a gradient now and then, a bias, and a network that has finished are left alone', () => {
  const now = (index: number) => variables(['first'], ['branch', index % 5 === 4 ? {} : none], ['last'])()
  expect(findings(repeat(30, now))).toEqual([])
  expect(findings(repeat(12, variables(['first'], ['dense/bias', { ...none, role: 'other' }])))).toEqual([])
  expect(findings(repeat(12, variables(['first', none], ['last', none])))).toEqual([])
  expect(
    findings(
      repeat(12, variables(['first'], ['frozen', { ...none, trainable: false, gradient: undefined }])),
    ).map(({ severity }) => severity),
  ).toEqual(['info'])
})
