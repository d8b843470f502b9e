import { useState } from 'preact/hooks'
import type { RunDetails } from '../src/wire.js'
import { flatten } from './flatten.js'
import { number } from './format.js'
import type { Live } from './live.js'
import { useAllDetails } from './use-details.js'

/** The chosen runs side by side: last numbers, and where their configurations differ. */
export function Compare({ live, chosen }: { live: Live; chosen: readonly string[] }) {
  const [showsAll, setShowsAll] = useState(false)
  const runs = chosen.flatMap((id) => live.runs.find((run) => run.id === id) ?? [])
  const details = useAllDetails(runs)
  if (runs.length === 0) return <p class="quiet">Choose runs in the list.</p>
  const names = [...new Set(chosen.flatMap((id) => [...(live.points.get(id)?.metrics.keys() ?? [])]))]
  const last = (id: string, name: string) => live.points.get(id)?.metrics.get(name)?.values.at(-1)
  const rowsOf = (part: (details: RunDetails) => unknown) => {
    const tables = runs.map(({ id }) => new Map(flatten(details.get(id) && part(details.get(id)!))))
    const keys = [...new Set(tables.flatMap((table) => [...table.keys()]))]
    const rows = keys.map((key) => ({ key, cells: tables.map((table) => table.get(key) ?? '–') }))
    return showsAll ? rows : rows.filter(({ cells }) => new Set(cells).size > 1)
  }
  const table = (title: string, rows: { key: string; cells: string[] }[]) => (
    <>
      <tr class="group">
        <th scope="colgroup" colSpan={runs.length + 1}>
          {title}
        </th>
      </tr>
      {rows.length === 0 && (
        <tr>
          <td class="quiet" colSpan={runs.length + 1}>
            no difference
          </td>
        </tr>
      )}
      {rows.map(({ key, cells }) => (
        <tr key={key}>
          <th scope="row">{key}</th>
          {cells.map((cell, index) => (
            <td key={runs[index]!.id}>{cell}</td>
          ))}
        </tr>
      ))}
    </>
  )
  return (
    <>
      <div class="controls">
        <label>
          <input type="checkbox" checked={showsAll} onChange={() => setShowsAll(!showsAll)} /> Also what is
          the same
        </label>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: so that the keyboard can scroll it */}
      <section class="scroll" tabIndex={0} aria-label="Comparison of runs">
        <table>
          <thead>
            <tr>
              <td />
              {runs.map(({ id, name }) => (
                <th key={id} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {table('Last numbers', [
              { key: 'step', cells: runs.map(({ step }) => String(step)) },
              ...names.map((name) => ({
                key: name,
                cells: runs.map(({ id }) => number(last(id, name) ?? Number.NaN)),
              })),
            ])}
            {table(
              'Evaluation',
              rowsOf(({ evaluation }) => evaluation),
            )}
            {table(
              'Configuration',
              rowsOf(({ config }) => config),
            )}
            {table(
              'Environment',
              rowsOf(({ environment }) => environment),
            )}
          </tbody>
        </table>
      </section>
    </>
  )
}
