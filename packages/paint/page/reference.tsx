import type { Rgb } from '@dlkit/gan-colorize/painting'
import { useEffect, useRef, useState } from 'preact/hooks'
import { ChooseFile } from './choose-file.js'
import { hex } from './colours.js'
import { mainColours } from './main-colours.js'
import { decode } from './read-picture.js'
import type { Studio } from './studio.js'
import { Swatch } from './swatch.js'

const MAIN_COLOURS = 8

/** A picture to take colours from: with a click at any place of it, or its main ones. */
export function Reference({ studio }: { studio: Studio }) {
  const [picture, setPicture] = useState<{ name: string; image: ImageData } | undefined>()
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    if (picture) canvas.current!.getContext('2d')!.putImageData(picture.image, 0, 0)
  }, [picture])
  const place = useRef<HTMLElement>(null)
  useEffect(() => {
    const drop = (event: DragEvent) => {
      event.preventDefault()
      open(event.dataTransfer?.files[0])
    }
    const { current } = place
    current!.addEventListener('drop', drop)
    return () => current!.removeEventListener('drop', drop)
  }, [])
  const open = async (file: File | undefined) => {
    if (!file) return
    try {
      setPicture({ name: file.name, image: await decode(file, file.name) })
      studio.say(undefined)
    } catch (error) {
      studio.say((error as Error).message)
    }
  }
  const pick = ({ offsetX, offsetY }: MouseEvent) => {
    const { width, height, data } = picture!.image
    const { clientWidth, clientHeight } = canvas.current!
    const at = (offset: number, side: number, length: number) =>
      Math.min(length - 1, Math.max(0, Math.floor((offset * length) / side)))
    const pixel = at(offsetY, clientHeight, height) * width + at(offsetX, clientWidth, width)
    studio.addColours([[data[4 * pixel]!, data[4 * pixel + 1]!, data[4 * pixel + 2]!]])
  }
  const main: Rgb[] = picture ? mainColours(picture.image, MAIN_COLOURS) : []
  return (
    <section class="reference" ref={place}>
      <h2>Reference</h2>
      {picture ? (
        <>
          <canvas
            ref={canvas}
            width={picture.image.width}
            height={picture.image.height}
            role="img"
            aria-label={`${picture.name}: a click takes the colour of its place; its main colours follow`}
            onClick={pick}
          />
          <ul class="swatches">
            {main.map((colour) => (
              <li key={hex(colour)}>
                <Swatch
                  colour={colour}
                  label={`Take ${hex(colour)} from ${picture.name}`}
                  onClick={() => studio.addColours([colour])}
                />
              </li>
            ))}
          </ul>
          <button type="button" onClick={() => studio.addColours(main)}>
            Take all
          </button>
        </>
      ) : (
        <p class="quiet">Drop a picture here to take colours from it.</p>
      )}
      <ChooseFile
        button="Choose a reference"
        label="Picture to take colours from"
        accept="image/*"
        onFile={open}
      />
    </section>
  )
}
