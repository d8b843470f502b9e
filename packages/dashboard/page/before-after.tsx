import { useEffect, useRef, useState } from 'preact/hooks'

/** A part of a picture: left, top, width, height as shares of 1. */
export interface Part {
  image: HTMLImageElement | undefined
  name: string
  area: readonly [left: number, top: number, width: number, height: number]
}

/** Two pictures over each other with a slider between them: the first on its left side. */
export function BeforeAfter({ label, before, after }: { label: string; before: Part; after: Part }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const [split, setSplit] = useState(50)
  useEffect(() => draw(canvas.current!, before, after, split / 100))
  const follow = (event: PointerEvent) => {
    if (event.pointerType === 'mouse' && event.buttons === 0) return
    const { left, width } = canvas.current!.getBoundingClientRect()
    setSplit(Math.round(Math.max(0, Math.min(100, (100 * (event.clientX - left)) / width))))
  }
  return (
    <figure class="pair">
      <canvas
        ref={canvas}
        role="img"
        aria-label={`${label}: ${before.name} on the left, ${after.name} on the right`}
        onPointerDown={follow}
        onPointerMove={follow}
      />
      <input
        type="range"
        min="0"
        max="100"
        value={split}
        aria-label={`${label}: share of ${before.name}`}
        onInput={(event) => setSplit(Number(event.currentTarget.value))}
      />
    </figure>
  )
}

function draw(canvas: HTMLCanvasElement, before: Part, after: Part, split: number): void {
  const { image, area } = after
  if (!image || !before.image) return
  const width = Math.round(image.naturalWidth * area[2])
  const height = Math.round(image.naturalHeight * area[3])
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height })
  const context = canvas.getContext('2d')!
  const edge = Math.round(split * width)
  const copy = ({ image, area: [left, top, share, tall] }: Part, from: number, to: number) => {
    const [fullWidth, fullHeight] = [image!.naturalWidth, image!.naturalHeight]
    const scale = (fullWidth * share) / width
    if (to > from)
      context.drawImage(
        image!,
        left * fullWidth + from * scale,
        top * fullHeight,
        (to - from) * scale,
        tall * fullHeight,
        from,
        0,
        to - from,
        height,
      )
  }
  copy(before, 0, edge)
  copy(after, edge, width)
  context.fillStyle = '#0a6ea8'
  context.fillRect(edge - 1, 0, 2, height)
}
