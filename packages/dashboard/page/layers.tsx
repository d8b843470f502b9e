import { useEffect, useRef, useState } from 'preact/hooks'
import type { LayerMap, RunDetails } from '../src/wire.js'
import { number } from './format.js'
import { drawHeatMap, rangeOf } from './heat-map.js'
import { useJson } from './use-details.js'

const KINDS = {
  gradients: 'Norm of the gradient',
  activations: 'Standard deviation of the activations',
  updates: 'Size of an update relative to the weights',
}

interface LayersProps {
  details: RunDetails | undefined
  /** The last step of the run. */
  step: number
}

/** Numbers of each layer over the steps, as colours. */
export function Layers({ details, step }: LayersProps) {
  const [kind, setKind] = useState<keyof typeof KINDS>('gradients')
  const id = details?.hasLayers ? details.id : undefined
  const map = useJson<LayerMap>(id && `/api/runs/${id}/layers?kind=${kind}`, step)
  if (!details) return null
  if (!details.hasLayers)
    return (
      <p class="quiet">
        This run has no readings of its layers: a monitor writes them with the sink
        jsonLinesSink('readings.jsonl').
      </p>
    )
  return (
    <>
      <div class="controls">
        <label>
          Show{' '}
          <select value={kind} onChange={(event) => setKind(event.currentTarget.value as keyof typeof KINDS)}>
            {Object.entries(KINDS).map(([name, text]) => (
              <option key={name} value={name}>
                {text}
              </option>
            ))}
          </select>
        </label>
      </div>
      {map && map.layers.length > 0 ? (
        <HeatMap map={map} title={KINDS[kind]} />
      ) : (
        <p class="quiet">No such numbers in the readings so far.</p>
      )}
    </>
  )
}

const ROW = 18

function HeatMap({ map, title }: { map: LayerMap; title: string }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const [cell, setCell] = useState<[layer: number, column: number]>()
  const [low, high] = rangeOf(map)
  useEffect(() => drawHeatMap(canvas.current!, map))
  const point = (event: PointerEvent) => {
    const { left, top, width, height } = canvas.current!.getBoundingClientRect()
    const at = (share: number, count: number) => Math.max(0, Math.min(count - 1, Math.floor(share * count)))
    setCell([
      at((event.clientY - top) / height, map.layers.length),
      at((event.clientX - left) / width, map.steps.length),
    ])
  }
  const shown = cell ?? [0, map.steps.length - 1]
  const value = map.values[shown[0]]?.[shown[1]]
  return (
    <figure class="card">
      <p>
        {map.layers[shown[0]]} at step {map.steps[shown[1]]}:{' '}
        <b>{value == null ? 'none' : number(Number(value))}</b>
      </p>
      <div class="heat">
        <ul aria-hidden="true">
          {map.layers.map((layer) => (
            <li key={layer} title={layer}>
              {layer}
            </li>
          ))}
        </ul>
        <canvas
          ref={(element) => {
            canvas.current = element
            element?.style.setProperty('height', `${ROW * map.layers.length}px`)
          }}
          role="img"
          aria-label={`${title} of ${map.layers.length} layers from step ${map.steps[0]} to ${map.steps.at(-1)}, on a logarithmic scale`}
          onPointerMove={point}
          onPointerLeave={() => setCell(undefined)}
        />
      </div>
      <p class="quiet">
        Steps {map.steps[0]} to {map.steps.at(-1)}; from {number(low)} (dark) to {number(high)} (bright),
        logarithmic; red: no number.
      </p>
      <details>
        <summary>Latest numbers as a table</summary>
        <table>
          <tbody>
            {map.layers.map((layer, index) => (
              <tr key={layer}>
                <th scope="row">{layer}</th>
                <td class="number">
                  {number(Number(map.values[index]!.findLast((one) => one !== null) ?? Number.NaN))}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  )
}
