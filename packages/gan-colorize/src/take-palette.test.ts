import { describe, expect, test } from 'vitest'
import { checkPalette, type Rgb, takePalette } from './take-palette.js'

const red: Rgb = [220, 40, 40]
const blue: Rgb = [40, 60, 220]
const green: Rgb = [40, 190, 70]
const ochre: Rgb = [200, 160, 60]

/** Regions side by side, each of a width and a colour, one row high. */
function strip(...parts: [width: number, colour: Rgb][]) {
  const labels = Int32Array.from(parts.flatMap(([width], label) => Array(width).fill(label)))
  const data = Uint8Array.from(parts.flatMap(([width, colour]) => Array(width).fill(colour).flat()))
  const [width, height] = [labels.length, 1]
  return {
    tint: { width, height, data },
    regions: { width, height, labels, count: parts.length, ink: new Uint8Array(width) },
  }
}
const colours = ({ tint, regions }: ReturnType<typeof strip>, palette: Rgb[]) => {
  const { data } = takePalette(tint, regions, palette)
  return Array.from({ length: regions.count }, (_, label) => {
    const pixel = regions.labels.indexOf(label)
    return [...data.subarray(3 * pixel, 3 * pixel + 3)]
  })
}

describe('takePalette', () => {
  test('each region takes the nearest colour, exactly', () => {
    const drawing = strip([30, [190, 80, 70]], [28, [90, 110, 200]], [20, [80, 170, 90]])
    expect(colours(drawing, [blue, green, red])).toEqual([red, blue, green])
  })

  test('one muddy colour everywhere becomes all colours of the palette', () => {
    const drawing = strip([60, ochre], [40, ochre], [20, ochre])
    const taken = colours(drawing, [red, blue, green]).map(String)
    expect(new Set(taken)).toEqual(new Set([red, blue, green].map(String)))
  })

  test('a colour that fits is taken however much it is in use', () => {
    expect(colours(strip([90, red], [30, [215, 45, 45]], [10, blue]), [blue, red])).toEqual([red, red, blue])
  })

  test('like parts take one colour, whatever lies between them', () => {
    const [, eye, , other] = colours(strip([60, ochre], [20, ochre], [35, ochre], [19, ochre]), [
      red,
      blue,
      green,
    ])
    expect(other).toEqual(eye)
  })

  test('paper stays paper, and a palette of one colour is that colour', () => {
    const drawing = strip([10, [255, 255, 255]], [10, [250, 250, 248]], [10, ochre])
    expect(colours(drawing, [green])).toEqual([[255, 255, 255], [255, 255, 255], green])
  })
})

test.each<[unknown, string]>([
  [[], 'a: expected a palette of 1 to 16 colours, got 0. Leave it out, or name a colour.'],
  [Array(17).fill(red), 'a: expected a palette of 1 to 16 colours, got 17. Keep the most important ones.'],
  [
    [red, [1, 2]],
    'a: expected colours of three whole numbers from 0 to 255, got [1,2] (palette, colour 2). Choose e.g. [230, 60, 40].',
  ],
  [[[0.5, 2, 3]], 'got [0.5,2,3] (palette, colour 1)'],
])('%j is refused', (palette, message) => {
  expect(() => checkPalette(palette as Rgb[], 'a')).toThrow(message)
})
