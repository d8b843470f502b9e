import { useState } from 'preact/hooks'
import type { RunDetails } from '../src/wire.js'
import { number } from './format.js'

const SEVERITIES = ['error', 'warning', 'info'] as const

/** What the monitors noticed, the newest first: evidence, what it means, what to do. */
export function Findings({ details }: { details: RunDetails | undefined }) {
  const [hidden, setHidden] = useState<readonly string[]>([])
  if (!details) return null
  const shown = details.findings.filter(({ severity }) => !hidden.includes(severity)).reverse()
  return (
    <>
      <fieldset class="controls">
        <legend class="unseen">Which findings</legend>
        {SEVERITIES.map((severity) => (
          <label key={severity}>
            <input
              type="checkbox"
              checked={!hidden.includes(severity)}
              onChange={(event) =>
                setHidden(
                  event.currentTarget.checked
                    ? hidden.filter((one) => one !== severity)
                    : [...hidden, severity],
                )
              }
            />{' '}
            {severity}
          </label>
        ))}
      </fieldset>
      {shown.length === 0 && <p class="quiet">The monitors noticed nothing unusual so far.</p>}
      <ol class="findings" reversed>
        {shown.map((finding, index) => (
          <li key={shown.length - index} class={`finding ${finding.severity}`}>
            <p>
              <b>{finding.severity}</b> at step {finding.step}{' '}
              <span class="quiet">({[finding.rule, finding.practice].filter(Boolean).join(', ')})</span>
            </p>
            <p>{finding.message}</p>
            <p>{finding.meaning}</p>
            <p class="remedy">→ {finding.remedy}</p>
            {finding.values && <Evidence values={finding.values} />}
          </li>
        ))}
      </ol>
    </>
  )
}

function Evidence({ values }: { values: Record<string, number> }) {
  return (
    <details>
      <summary>Numbers</summary>
      <table>
        <tbody>
          {Object.entries(values).map(([name, value]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td class="number">{number(Number(value))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  )
}
