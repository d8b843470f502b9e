const levelBins = 16
const hueBins = 12

/** Histograms of colour: shares that add up to 1 for each channel. */
export interface ColourCounts {
  /** Levels 0 to 255 in 16 steps. */
  readonly red: readonly number[]
  readonly green: readonly number[]
  readonly blue: readonly number[]
  /** Hues around 0, 30, ... 330 degrees (0 is red) of the pixels whose channels differ by at least 40; all 0 without such. */
  readonly hue: readonly number[]
}

const leastChroma = 40

export function countColours(rgb: Uint8Array): ColourCounts {
  const channels = [0, 1, 2].map(() => new Array<number>(levelBins).fill(0))
  const hue = new Array<number>(hueBins).fill(0)
  const pixels = rgb.length / 3
  let saturated = 0
  for (let at = 0; at < rgb.length; at += 3) {
    const [red, green, blue] = [rgb[at]!, rgb[at + 1]!, rgb[at + 2]!]
    for (const [channel, value] of [red, green, blue].entries()) {
      const bin = Math.floor((value * levelBins) / 256)
      channels[channel]![bin] = channels[channel]![bin]! + 1 / pixels
    }
    if (Math.max(red, green, blue) - Math.min(red, green, blue) < leastChroma) continue
    const bin = Math.round((sixthOf(red, green, blue) * hueBins) / 6) % hueBins
    hue[bin] = hue[bin]! + 1
    saturated++
  }
  const [red, green, blue] = channels
  return {
    red: red!,
    green: green!,
    blue: blue!,
    hue: hue.map((count) => (saturated === 0 ? 0 : count / saturated)),
  }
}

/** The hue of HSV in sixths of the circle, 0 up to 6: 0 is red, 2 green, 4 blue. */
function sixthOf(red: number, green: number, blue: number): number {
  const most = Math.max(red, green, blue)
  const chroma = most - Math.min(red, green, blue)
  if (most === red) return ((green - blue) / chroma + 6) % 6
  return most === green ? 2 + (blue - red) / chroma : 4 + (red - green) / chroma
}

/** The mean of histograms. */
export function meanColours(counts: readonly ColourCounts[]): ColourCounts {
  const mean = (pick: (counts: ColourCounts) => readonly number[], bins: number): number[] =>
    Array.from({ length: bins }, (_, bin) =>
      counts.reduce((sum, entry) => sum + pick(entry)[bin]! / counts.length, 0),
    )
  return {
    red: mean(({ red }) => red, levelBins),
    green: mean(({ green }) => green, levelBins),
    blue: mean(({ blue }) => blue, levelBins),
    hue: mean(({ hue }) => hue, hueBins),
  }
}
