import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { deltaE76, deltaE2000, labOf } from './lab.js'
import { colourDistances, psnr, QualityMeter, structuralSimilarity } from './picture-quality.js'

const fixture = JSON.parse(readFileSync(new URL('../fixtures/quality.json', import.meta.url), 'utf8'))
const { width, height } = fixture
const picture = { width, height, data: Uint8Array.from(fixture.picture) }
const target = { width, height, data: Uint8Array.from(fixture.target) }

describe('picture quality', () => {
  test('psnr is that of scikit-image', () => {
    expect(psnr(picture, target)).toBeCloseTo(fixture.psnr, 9)
  })

  test('psnr of a picture with itself is 100', () => {
    expect(psnr(target, target)).toBe(100)
  })

  test('structuralSimilarity is that of scikit-image', () => {
    // ssim.js rounds luminance to whole numbers.
    expect(structuralSimilarity(picture, target)).toBeCloseTo(fixture.ssim, 2)
    expect(structuralSimilarity(target, target)).toBeCloseTo(1, 9)
  })

  test('colour distances are means over all pixels, bleeding over white ones only', () => {
    const row = (...colours: number[][]) => ({
      width: colours.length,
      height: 1,
      data: Uint8Array.from(colours.flat()),
    })
    const [white, red, ochre] = [
      [255, 255, 255],
      [255, 0, 0],
      [204, 153, 51],
    ] as const
    const distances = colourDistances(
      row([...red], [...ochre], [...red]),
      row([...white], [...red], [...red]),
    )
    const [whiteLab, redLab, ochreLab] = [white, red, ochre].map(([r, g, b]) => labOf(r, g, b))
    expect(distances.deltaE76).toBeCloseTo(
      (deltaE76(redLab!, whiteLab!) + deltaE76(ochreLab!, redLab!)) / 3,
      9,
    )
    expect(distances.deltaE2000).toBeCloseTo(
      (deltaE2000(redLab!, whiteLab!) + deltaE2000(ochreLab!, redLab!)) / 3,
      9,
    )
    expect(distances.bleeding).toBeCloseTo(Math.hypot(redLab![1], redLab![2]), 9)
  })

  test('a meter gives means over its pictures', () => {
    const meter = new QualityMeter()
    meter.add(picture, target)
    meter.add(target, target)
    const { psnr: mean, deltaE76: distance } = meter.result()
    expect(mean).toBeCloseTo((fixture.psnr + 100) / 2, 9)
    expect(distance).toBeCloseTo(colourDistances(picture, target).deltaE76 / 2, 9)
  })
})
