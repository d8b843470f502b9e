import { join } from 'node:path'
import { valueAt } from '../config/merge.js'
import { command } from '../output/command.js'
import { shellWord } from '../output/format.js'
import { type Html, html } from './html.js'
import type { RunRecord } from './read-run.js'

/** The commands that train the run again. */
export function reproductionSection(run: RunRecord): Html {
  const { environment } = run
  const commit = valueAt(environment, ['git', 'commit'])
  const versions = Object.entries(Object(valueAt(environment, ['versions'])))
  return html`<section id="reproduce"><h2>How to reproduce</h2>
<p><code>${commandOf(run)}</code></p>
${versions.length > 0 && html`<p>With ${versions.map(([name, version]) => `${name} ${version}`).join(', ')}.</p>`}
${typeof commit === 'string' && html`<p>The folder was at commit <code>${commit}</code>${valueAt(environment, ['git', 'changed']) === true && ', with changes'}.</p>`}
<p class="quiet">The same engine on the same kind of machine gives the same numbers, bit for bit; another one differs by rounding.</p></section>`
}

function commandOf({ folder, config, engine, name }: RunRecord): string {
  const words = (option: string, value: unknown) => (value === undefined ? [] : [option, String(value)])
  const own = typeof config.training === 'string'
  const params = Object.entries(Object(own ? config.params : undefined)).map(
    ([key, value]) => `${key}=${value}`,
  )
  const parts = [
    'train',
    join(folder, own ? String(config.training) : 'config.json'),
    ...(own ? ['steps', 'batch', 'seed'].flatMap((key) => words(`--${key}`, config[key])) : []),
    ...(params.length > 0 ? ['--set', ...params] : []),
    ...(engine === 'unknown' ? [] : ['--engine', engine]),
    '--out',
    `runs/${name}-again`,
  ]
  return [command(), ...parts.map(shellWord)].join(' ')
}
