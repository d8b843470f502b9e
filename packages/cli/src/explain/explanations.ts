import { readFileSync } from 'node:fs'
import { type PracticeNumber, practices } from '@dlkit/practices'
import { wrap } from './wrap.js'

export interface Explained {
  kind: 'rule' | 'check'
  name: string
  practice: PracticeNumber
  /** What it looks for, and what to do first. */
  text: string
}

/** Every rule and check that a practice names, as the documents of their packages describe it. */
export function explanations(): Explained[] {
  const texts = {
    rule: sectionsOf(documentOf('@dlkit/monitors', 'RULES.md')),
    check: rowsOf(documentOf('@dlkit/checks', 'README.md')),
  }
  const named = practices.flatMap(({ number, runs }) =>
    runs.flatMap((form) =>
      form.kind === 'rule' || form.kind === 'check'
        ? [
            {
              kind: form.kind,
              name: form.name,
              practice: number,
              text: texts[form.kind].get(form.name) ?? '',
            },
          ]
        : [],
    ),
  )
  return [...named, colourCollapse]
}

/** Of the colouring network, which compares its colours with the artist's after a training. */
const colourCollapse: Explained = {
  kind: 'rule',
  name: 'colour-collapse',
  practice: 'P3',
  text: wrap(
    'After a training: the results are nearly grey, or nearly all of one tint, where the pictures of the artist are not. First train longer or on more pictures, then lower loss.l1Weight, which rewards the average colour.',
  ),
}

/** A document beside the `src` or `dist` of a package; found without loading the package. */
function documentOf(name: string, document: string): string {
  return readFileSync(new URL(`../${document}`, import.meta.resolve(name)), 'utf8')
}

/** The sections of RULES.md by rule. */
function sectionsOf(text: string): Map<string, string> {
  return new Map(
    text.split(/^## /m).map((section) => {
      const [name, ...lines] = section.split('\n')
      return [name!.trim(), plain(lines.join('\n'))]
    }),
  )
}

/** The rows of the table of checks by name: function, name, what must hold. */
function rowsOf(text: string): Map<string, string> {
  const rows = text.matchAll(/^\| `\w+` +\| `([a-z-]+)` +\| (.+?) *\|$/gm)
  return new Map([...rows].map(([, name, holds]) => [name!, plain(`What must hold: ${holds}.`)]))
}

const plain = (markdown: string): string =>
  markdown
    .trim()
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/\\\|/g, '|')
    .split(/\n\n+/)
    .map(wrap)
    .join('\n\n')
