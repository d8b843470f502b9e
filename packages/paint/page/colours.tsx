import type { Rgb } from '@dlkit/gan-colorize/painting'
import { MOST_COLOURS, type Studio } from './studio.js'
import { Swatch } from './swatch.js'

export const hex = (colour: Rgb): string =>
  `#${colour.map((value) => value.toString(16).padStart(2, '0')).join('')}`

const rgb = (text: string): Rgb =>
  [1, 3, 5].map((at) => Number.parseInt(text.slice(at, at + 2), 16)) as unknown as Rgb

/** The palette: what is painted with, and, if wanted, all that is painted. */
export function Colours({ studio }: { studio: Studio }) {
  const { palette, colour, onlyPalette } = studio
  return (
    <section>
      <h2>Palette</h2>
      <ul class="swatches">
        {palette.map((one, index) => (
          <li key={hex(one)}>
            <Swatch
              colour={one}
              label={`Paint with ${hex(one)}`}
              title={index < 9 ? `Key ${index + 1}` : undefined}
              isChosen={hex(one) === hex(colour)}
              onClick={() => studio.choose(one)}
            />
          </li>
        ))}
      </ul>
      <p class="row">
        <label>
          Another colour
          <input
            type="color"
            value={hex(colour)}
            onChange={(event) => studio.addColours([rgb(event.currentTarget.value)])}
          />
        </label>
        <button
          type="button"
          disabled={!palette.some((one) => hex(one) === hex(colour))}
          onClick={() => studio.removeColour(palette.find((one) => hex(one) === hex(colour))!)}
        >
          Remove {hex(colour)}
        </button>
      </p>
      <label>
        <input
          type="checkbox"
          checked={onlyPalette}
          disabled={palette.length === 0}
          onChange={(event) => studio.restrict(event.currentTarget.checked)}
        />
        Only these colours
      </label>
      <p class="quiet">
        {palette.length} of {MOST_COLOURS}
      </p>
    </section>
  )
}
