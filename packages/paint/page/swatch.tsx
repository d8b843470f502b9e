import type { Rgb } from '@dlkit/gan-colorize/painting'
import { css } from './draw-strokes.js'

interface SwatchProps {
  colour: Rgb
  label: string
  title?: string | undefined
  isChosen?: boolean
  onClick: () => void
}

export function Swatch({ colour, label, title, isChosen = false, onClick }: SwatchProps) {
  return (
    <button
      type="button"
      class="swatch"
      aria-label={label}
      aria-pressed={isChosen}
      title={title}
      ref={(button) => {
        if (button) button.style.backgroundColor = css(colour)
      }}
      onClick={onClick}
    />
  )
}
