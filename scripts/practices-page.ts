import { basename, join } from 'node:path'
import { type Practice, practices, type RunnableForm } from '@dlkit/practices'
import { anchorOf } from './markdown-links.js'
import { publicPackages, root } from './packages.js'

export const practicesPage = join(root, 'docs/practices.md')

const headingOf = ({ number, title }: Practice): string => `${number}: ${title}`

const folderOf = (name: string): string => {
  const found = publicPackages.find((entry) => entry.name === name)
  if (!found) throw new Error(`${name}: expected a package of the repository`)
  return `../packages/${basename(found.folder)}`
}

/** A runnable form as Markdown, linked to where it is described. */
function formText(form: Exclude<RunnableForm, { kind: 'export' }>): string {
  switch (form.kind) {
    case 'command':
      return `[\`dlkit ${[form.name, ...form.options].join(' ')}\`](../packages/cli#commands)`
    case 'rule':
      return `[\`${form.name}\`](../packages/monitors/RULES.md#${form.name})`
    case 'check':
      return `[\`${form.name}\`](../packages/checks#checks)`
  }
}

/** What each package exports, package by package. */
function exportTexts(runs: readonly RunnableForm[]): string[] {
  const exported = runs.flatMap((form) => (form.kind === 'export' ? [form] : []))
  return [...new Set(exported.map(({ from }) => from))].map((from) => {
    const names = exported.filter((form) => form.from === from).map(({ name }) => `\`${name}\``)
    const folder = folderOf(from.split('/').slice(0, 2).join('/'))
    return `${names.join(', ')} of [${from}](${folder})`
  })
}

const kinds = {
  command: 'Commands',
  check: 'Checks before a training',
  rule: 'Rules while it trains',
  export: 'Functions and classes',
}

function section(practice: Practice): string {
  const { advice, source, runs, example, effect } = practice
  const forms = Object.entries(kinds).flatMap(([kind, label]) => {
    const texts =
      kind === 'export'
        ? exportTexts(runs)
        : runs.flatMap((form) => (form.kind !== 'export' && form.kind === kind ? [formText(form)] : []))
    return texts.length > 0 ? [`- ${label}: ${texts.join(', ')}`] : []
  })
  const measured = effect
    ? `${effect.text} ([measured](../${effect.file}))`
    : 'not measured in this repository.'
  return [
    `## ${headingOf(practice)}`,
    advice,
    forms.join('\n'),
    `\`\`\`ts\n${example.code}\n\`\`\``,
    `Effect: ${measured}`,
    `Source: [${source.title}](${source.url}).`,
  ].join('\n\n')
}

/** The page of all practices, as Markdown. */
export function practicesText(): string {
  const list = practices.map((practice) => {
    const heading = headingOf(practice)
    return `- [${heading}](#${anchorOf(heading)})`
  })
  const head = `# The practices

What findings, checks and commands of dlkit do, and why: 34 practices, cited by number. \`dlkit explain P9\` prints one of
them, \`dlkit explain vanishing-gradient\` a rule or a check. Most come from a series of Jonathan Hui (2018) on a network that
colours comics; the words here are our own. Each example runs in a test.

<!-- Made from packages/practices by: npm run practices-page -->`
  return `${[head, list.join('\n'), ...practices.map(section)].join('\n\n')}\n`
}
