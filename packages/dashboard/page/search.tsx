import { useEffect, useState } from 'preact/hooks'
import type { Study } from '../src/wire.js'
import { number, percent } from './format.js'
import { Parallel } from './parallel.js'
import { useJson } from './use-details.js'

const ASK_AGAIN = 3000
const MOST_LISTED = 200

/** Searches of hyperparameters: their trials, parallel coordinates, what the parameters matter. */
export function Search() {
  const [round, setRound] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => setRound((count) => count + 1), ASK_AGAIN)
    return () => clearInterval(timer)
  }, [])
  const studies = useJson<Study[]>('/api/studies', round)
  const [id, setId] = useState<string>()
  if (studies === undefined) return <p class="quiet">Reading …</p>
  const study = studies.find((one) => one.id === id) ?? studies[0]
  if (study === undefined) return <p class="quiet">No journal of a search in this folder.</p>
  return (
    <>
      <div class="controls">
        <label>
          Search{' '}
          <select value={study.id} onChange={(event) => setId(event.currentTarget.value)}>
            {studies.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name} ({one.file})
              </option>
            ))}
          </select>
        </label>
      </div>
      <StudyView study={study} />
    </>
  )
}

function StudyView({ study }: { study: Study }) {
  const [metric] = Object.keys(study.metrics)
  const isBetter = study.metrics[metric!] === 'maximize' ? -1 : 1
  const rank = ({ values }: Study['trials'][number]) =>
    values.length > 0 ? isBetter * Number(values[0]) : Number.POSITIVE_INFINITY
  const trials = [...study.trials].sort((a, b) => rank(a) - rank(b) || a.number - b.number)
  const names = Object.keys(study.parameters)
  const complete = trials.filter(({ state }) => state === 'complete').length
  return (
    <>
      <p>
        {study.trials.length} trials, {complete} complete.
        {complete > 0 &&
          ` Best ${metric}: ${number(Number(trials[0]!.values[0]))} (trial ${trials[0]!.number}).`}
      </p>
      {complete > 1 && <Parallel study={study} />}
      {Object.keys(study.importance).length > 0 && (
        <section class="card">
          <h3>Importance</h3>
          <table class="importance">
            <tbody>
              {Object.entries(study.importance).map(([name, share]) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  <td>
                    <progress value={share} max={1} aria-label={`Importance of ${name}`} /> {percent(share)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          {complete < 50 && <p class="quiet">With fewer than about 50 complete trials these are guesses.</p>}
        </section>
      )}
      <h3>Trials</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: so that the keyboard can scroll it */}
      <section class="scroll" tabIndex={0} aria-label="Trials">
        <table>
          <thead>
            <tr>
              {['Trial', 'State', ...Object.keys(study.metrics), ...names].map((title) => (
                <th key={title} scope="col">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {trials.slice(0, MOST_LISTED).map((trial) => (
              <tr key={trial.number}>
                <th scope="row">{trial.number}</th>
                <td title={trial.reason}>{trial.state}</td>
                {Object.keys(study.metrics).map((name, index) => (
                  <td key={name} class="number">
                    {trial.values[index] === undefined ? '–' : number(Number(trial.values[index]))}
                  </td>
                ))}
                {names.map((name) => {
                  const value = trial.params[name]
                  return (
                    <td key={name}>{typeof value === 'number' ? number(value) : String(value ?? '–')}</td>
                  )
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {trials.length > MOST_LISTED && <p class="quiet">The best {MOST_LISTED} are listed.</p>}
    </>
  )
}
