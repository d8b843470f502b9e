import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { deltaE76, deltaE2000, type Lab, labOf } from './lab.js'

const fixture = JSON.parse(readFileSync(new URL('../fixtures/colours.json', import.meta.url), 'utf8'))
const pairs: [Lab, Lab][] = fixture.pairs

describe('CIELAB', () => {
  test('is that of scikit-image', () => {
    for (const [i, [red, green, blue]] of fixture.rgb.entries()) {
      const lab = labOf(red, green, blue)
      for (const c of [0, 1, 2]) expect(lab[c]).toBeCloseTo(fixture.lab[i][c], 6)
    }
  })

  test('distances are those of scikit-image, at the seams of the hues too', () => {
    for (const [i, [p, q]] of pairs.entries()) {
      expect(deltaE76(p, q)).toBeCloseTo(fixture.deltaE76[i], 9)
      expect(deltaE2000(p, q)).toBeCloseTo(fixture.deltaE2000[i], 6)
      expect(deltaE2000(q, p)).toBeCloseTo(fixture.deltaE2000[i], 6)
    }
  })
})
