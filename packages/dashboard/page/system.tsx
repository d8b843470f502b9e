import { bytes, percent } from './format.js'
import type { Live } from './live.js'

/** How busy the machine is, now and in the last minutes. */
export function System({ live }: { live: Live }) {
  const now = live.system.at(-1)
  if (!now) return null
  const training = Object.values(now.runs).reduce((sum, memory) => sum + memory, 0)
  return (
    <dl class="system" aria-label="Use of this machine">
      <div>
        <dt>CPU</dt>
        <dd>
          <Spark values={live.system.map(({ cpu }) => cpu)} /> {percent(now.cpu)}
        </dd>
      </div>
      <div>
        <dt>Memory</dt>
        <dd>
          <Spark values={live.system.map(({ memory }) => memory)} /> {percent(now.memory)} of{' '}
          {bytes(now.memoryTotal)}
        </dd>
      </div>
      {training > 0 && (
        <div>
          <dt>Training</dt>
          <dd>{bytes(training)}</dd>
        </div>
      )}
      {now.diskFree !== null && (
        <div>
          <dt>Disk free</dt>
          <dd>{bytes(now.diskFree)}</dd>
        </div>
      )}
    </dl>
  )
}

function Spark({ values }: { values: number[] }) {
  const points = values.map(
    (value, index) => `${(60 * index) / Math.max(1, values.length - 1)},${16 - 16 * value}`,
  )
  return (
    <svg viewBox="0 0 60 16" class="spark" aria-hidden="true">
      <polyline points={points.join(' ')} />
    </svg>
  )
}
