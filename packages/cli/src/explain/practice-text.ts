import type { Practice, RunnableForm } from '@dlkit/practices'
import colors from 'picocolors'
import { command } from '../output/command.js'
import { wrap } from './wrap.js'

const kinds: readonly [RunnableForm['kind'], string][] = [
  ['command', 'Commands'],
  ['check', 'Checks'],
  ['rule', 'Rules'],
  ['export', 'In code'],
]

function formText(form: RunnableForm): string {
  if (form.kind === 'command') return [command(), form.name, ...form.options].join(' ')
  return form.kind === 'export' ? `${form.name} (${form.from})` : form.name
}

/** A practice for a terminal. */
export function practiceText({ number, title, advice, source, runs, example, effect }: Practice): string {
  const forms = kinds.flatMap(([kind, label]) => {
    const texts = [...new Set(runs.filter((form) => form.kind === kind).map(formText))]
    return texts.length > 0 ? [wrap(`${label}: ${texts.join(', ')}`)] : []
  })
  return [
    colors.bold(`${number}: ${title}`),
    wrap(advice),
    forms.join('\n'),
    example.code.replace(/^(?=.)/gm, '    '),
    wrap(`Effect: ${effect ? `${effect.text} (${effect.file})` : 'not measured here.'}`),
    colors.dim(`${wrap(source.title)}\n${source.url}`),
  ].join('\n\n')
}
