import { useEffect, useState } from 'preact/hooks'
import type { RunDetails, RunPicture, SampleLayout } from '../src/wire.js'
import { BeforeAfter, type Part } from './before-after.js'
import { withToken } from './server.js'
import { usePicture } from './use-picture.js'

/** Sample grids over the steps; each picture before and after, or one step beside another. */
export function Samples({ details }: { details: RunDetails | undefined }) {
  const samples = details?.samples ?? []
  const [position, setPosition] = useState<number>()
  if (samples.length === 0) return <p class="quiet">No sample pictures yet.</p>
  // Until the user moves it, the slider follows the newest.
  const index = Math.min(position ?? samples.length - 1, samples.length - 1)
  const shown = samples[index]!
  return (
    <>
      <div class="controls">
        <label class="wide">
          Step{' '}
          <input
            type="range"
            min="0"
            max={samples.length - 1}
            value={index}
            aria-valuetext={`step ${shown.step}`}
            onInput={(event) => {
              const value = Number(event.currentTarget.value)
              setPosition(value === samples.length - 1 ? undefined : value)
            }}
          />{' '}
          <output>{shown.step}</output>
        </label>
        <Player count={samples.length} index={index} go={setPosition} />
      </div>
      <figure>
        <img src={withToken(shown.url)} alt={describe(shown, details?.layout)} />
      </figure>
      {details?.layout && <Pairs picture={shown} layout={details.layout} />}
      {samples.length > 1 && <Steps samples={samples} after={shown} />}
    </>
  )
}

function describe({ step }: RunPicture, layout?: SampleLayout): string {
  return `Samples at step ${step}${layout ? `; rows from the top: ${layout.rows.join(', ')}` : ''}`
}

function Player({
  count,
  index,
  go,
}: {
  count: number
  index: number
  go: (index: number | undefined) => void
}) {
  const [isPlaying, setPlaying] = useState(false)
  useEffect(() => {
    if (!isPlaying) return
    const timer = setTimeout(() => go((index + 1) % count), 400)
    return () => clearTimeout(timer)
  }, [isPlaying, index, count])
  return (
    <button type="button" aria-pressed={isPlaying} onClick={() => setPlaying(!isPlaying)}>
      {isPlaying ? 'Stop playing' : 'Play'}
    </button>
  )
}

/** One slider on each picture of a grid whose rows are known. */
function Pairs({ picture, layout }: { picture: RunPicture; layout: SampleLayout }) {
  const last = layout.rows.length - 1
  const [before, setBefore] = useState(0)
  const [after, setAfter] = useState(Math.min(1, last))
  const averaged = layout.rows.findIndex((name) => name.startsWith('averaged '))
  const raw = layout.rows.findIndex((name) => `averaged ${name}` === layout.rows[averaged])
  const image = usePicture(picture)
  const part = (row: number, column: number): Part => ({
    image,
    name: layout.rows[row]!,
    area: [column / layout.columns, row / layout.rows.length, 1 / layout.columns, 1 / layout.rows.length],
  })
  const choice = (label: string, value: number, set: (row: number) => void) => (
    <label>
      {label}{' '}
      <select value={value} onChange={(event) => set(Number(event.currentTarget.value))}>
        {layout.rows.map((name, row) => (
          <option key={name} value={row}>
            {name}
          </option>
        ))}
      </select>
    </label>
  )
  return (
    <section>
      <h3>Before and after</h3>
      <div class="controls">
        {choice('Before', before, setBefore)}
        {choice('After', after, setAfter)}
        {averaged >= 0 && raw >= 0 && (
          <label>
            <input
              type="checkbox"
              checked={after === averaged}
              onChange={() => setAfter(after === averaged ? raw : averaged)}
            />
            Averaged weights
          </label>
        )}
      </div>
      <div class="gallery">
        {Array.from({ length: layout.columns }, (_, column) => (
          <BeforeAfter
            key={`picture ${column}`}
            label={`picture ${column + 1}`}
            before={part(before, column)}
            after={part(after, column)}
          />
        ))}
      </div>
    </section>
  )
}

/** A whole grid beside that of another step. */
function Steps({ samples, after }: { samples: RunPicture[]; after: RunPicture }) {
  const [index, setIndex] = useState(0)
  const before = samples[Math.min(index, samples.length - 1)]!
  const part = (image: HTMLImageElement | undefined, { step }: RunPicture): Part => ({
    image,
    name: `step ${step}`,
    area: [0, 0, 1, 1],
  })
  return (
    <section>
      <h3>Against another step</h3>
      <div class="controls">
        <label class="wide">
          Other step{' '}
          <input
            type="range"
            min="0"
            max={samples.length - 1}
            value={index}
            aria-valuetext={`step ${before.step}`}
            onInput={(event) => setIndex(Number(event.currentTarget.value))}
          />{' '}
          <output>{before.step}</output>
        </label>
      </div>
      <BeforeAfter
        label="samples"
        before={part(usePicture(before), before)}
        after={part(usePicture(after), after)}
      />
    </section>
  )
}
