import { useState } from 'preact/hooks'
import { MOST_RUNS, type RunSummary } from '../src/wire.js'
import { colourOf } from './colours.js'
import type { Settings } from './settings.js'

interface RunListProps {
  runs: RunSummary[]
  chosen: readonly string[]
  run: RunSummary | undefined
  change: (change: Partial<Settings>) => void
}

export function RunList({ runs, chosen, run, change }: RunListProps) {
  const [filter, setFilter] = useState('')
  const shown = runs.filter(({ name }) => name.toLowerCase().includes(filter.toLowerCase()))
  const choose = (id: string, isChosen: boolean) =>
    change({ runs: isChosen ? [...chosen, id] : chosen.filter((one) => one !== id) })
  return (
    <nav aria-label="Runs">
      <input
        type="search"
        aria-label="Filter runs by name"
        placeholder={`Filter ${runs.length} runs`}
        value={filter}
        onInput={(event) => setFilter(event.currentTarget.value)}
      />
      {shown.length > 1 && (
        <p>
          <button
            type="button"
            onClick={() => change({ runs: shown.slice(0, MOST_RUNS).map(({ id }) => id) })}
          >
            Choose all
          </button>{' '}
          <button type="button" onClick={() => change({ runs: [] })}>
            None
          </button>
        </p>
      )}
      {runs.length === 0 && (
        <p class="quiet">No runs yet. They appear here once a training writes into this folder.</p>
      )}
      <ul>
        {shown.map((one) => (
          <li key={one.id} class={one.id === run?.id ? 'current' : ''}>
            <input
              type="checkbox"
              aria-label={`Curves of ${one.name}`}
              checked={chosen.includes(one.id)}
              onChange={(event) => choose(one.id, event.currentTarget.checked)}
            />
            <i
              class="swatch"
              ref={(element) =>
                void element?.style.setProperty('background', `var(${colourOf(chosen, one.id)})`)
              }
            />
            <button type="button" aria-current={one.id === run?.id} onClick={() => change({ run: one.id })}>
              <b>{one.name}</b>
              <span class="quiet">
                {one.status} · step {one.step}
                {one.steps !== undefined && ` of ${one.steps}`}
              </span>
              <Badges findings={one.findings} />
            </button>
          </li>
        ))}
      </ul>
    </nav>
  )
}

function Badges({ findings }: Pick<RunSummary, 'findings'>) {
  const kinds = (['error', 'warning', 'info'] as const).filter((kind) => findings[kind] > 0)
  return (
    <>
      {kinds.map((kind) => (
        <span key={kind} class={`badge ${kind}`}>
          {findings[kind]} {kind}
        </span>
      ))}
    </>
  )
}
