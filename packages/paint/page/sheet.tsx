import type { Hint, Rgb } from '@dlkit/gan-colorize/painting'
import { useEffect, useRef, useState } from 'preact/hooks'
import { drawStrokes } from './draw-strokes.js'
import type { Studio } from './studio.js'

export interface SheetProps {
  studio: Studio
  /** Width of the brush, in what is usual for the drawing. */
  share: number
  /** Steps of zoom; 0 fits the drawing into its place. */
  zoom: number
  shows: { colours: boolean; strokes: boolean }
}

type Point = readonly [x: number, y: number]

/** The drawing with its colours; strokes are drawn on it with a pointer, or with keys. */
export function Sheet({ studio, share, zoom, shows }: SheetProps) {
  const picture = useRef<HTMLCanvasElement>(null)
  const marks = useRef<HTMLCanvasElement>(null)
  const [points, setPoints] = useState<Point[]>([])
  const [cursor, setCursor] = useState<Point | undefined>()
  const drawing = studio.drawing!
  const { width, height } = drawing.image
  const brush = (Math.max(width, height) / 48) * share
  const shown = shows.colours && studio.coloured ? studio.coloured.image : drawing.image
  const stroke: Hint | undefined =
    points.length > 0 ? { colour: studio.colour, points, width: brush } : undefined

  useEffect(() => picture.current!.getContext('2d')!.putImageData(shown, 0, 0), [shown])
  useEffect(() => {
    const context = marks.current!.getContext('2d')!
    context.clearRect(0, 0, width, height)
    const edge = { width: Math.max(1, width / 800) }
    drawStrokes(context, [...(shows.strokes ? studio.strokes : []), ...(stroke ? [stroke] : [])], edge)
    if (cursor) drawCursor(context, cursor, brush, studio.colour)
  })
  const finish = () => {
    if (stroke) studio.add(stroke)
    setPoints([])
  }

  const pointOf = (event: PointerEvent): Point => {
    const { left, top, width: across, height: down } = marks.current!.getBoundingClientRect()
    return [((event.clientX - left) * width) / across, ((event.clientY - top) * height) / down]
  }
  const press = (event: PointerEvent) => {
    if (event.button !== 0 || !event.isPrimary) return
    ;(event.currentTarget as Element).setPointerCapture(event.pointerId)
    setCursor(undefined)
    setPoints([pointOf(event)])
  }
  const move = (event: PointerEvent) => {
    if (points.length === 0 || cursor || !event.isPrimary) return
    setPoints((known) => [...known, pointOf(event)])
  }

  const key = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const at = cursor ?? [width / 2, height / 2]
    const step = (event.shiftKey ? 0.1 : 0.02) * Math.max(width, height)
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key]
    if (way) {
      const to = [
        Math.min(width, Math.max(0, at[0] + step * way[0]!)),
        Math.min(height, Math.max(0, at[1] + step * way[1]!)),
      ] as const
      setCursor(to)
      if (points.length > 0) setPoints([...points, to])
    } else if (event.key === ' ') {
      setCursor(at)
      if (points.length > 0) finish()
      else setPoints([at])
    } else if (event.key === 'Enter') {
      setCursor(at)
      if (points.length > 0) finish()
      else studio.add({ colour: studio.colour, points: [at], width: brush })
    } else if (event.key === 'Escape') setPoints([])
    else return
    event.preventDefault()
  }

  return (
    <div class="sheet">
      <div
        class={zoom === 0 ? 'stack fits' : 'stack'}
        ref={(place) => resize(place, width, height, zoom)}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: an application takes keys
        tabIndex={0}
        role="application"
        aria-label={`${drawing.name}. Arrows move the brush, Space begins and ends a stroke, Enter sets a dot.`}
        onPointerDown={press}
        onPointerMove={move}
        onPointerUp={finish}
        onPointerCancel={() => setPoints([])}
        onKeyDown={key}
        onBlur={() => setCursor(undefined)}
      >
        <canvas ref={picture} class="picture" width={width} height={height} />
        <canvas ref={marks} class="marks" width={width} height={height} />
      </div>
    </div>
  )
}

/** The drawing's size on the screen: as large as its place allows, times 1.25 for each step of zoom. */
function resize(stack: HTMLDivElement | null, width: number, height: number, zoom: number): void {
  if (!stack) return
  stack.style.aspectRatio = `${width} / ${height}`
  const { clientWidth, clientHeight } = stack.parentElement!
  const fitting = Math.min(clientWidth / width, clientHeight / height) * width
  stack.style.width = zoom === 0 ? '' : `${Math.round(fitting * 1.25 ** zoom)}px`
  stack.style.setProperty('--ratio', String(width / height))
}

function drawCursor(context: CanvasRenderingContext2D, [x, y]: Point, brush: number, colour: Rgb): void {
  const radius = Math.max(brush, 6)
  context.lineWidth = Math.max(1, radius / 6)
  for (const [tone, at] of [
    ['#fff', radius * 1.3],
    ['#000', radius],
  ] as const) {
    context.strokeStyle = tone
    context.beginPath()
    context.arc(x, y, at, 0, 2 * Math.PI)
    context.stroke()
  }
  drawStrokes(context, [{ colour, points: [[x, y]], width: brush }])
}
