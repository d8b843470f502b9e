import type { z } from 'zod'
import { closest } from './closest.js'
import { isRawConfig, type RawConfig, valueAt } from './merge.js'
import { showValue } from './show-value.js'

type Issue = z.core.$ZodIssue

const KEYS_SHOWN = 10

/** A part of the configuration and what to call it: the file, or the options. */
export interface ConfigSource {
  values: RawConfig
  /** @returns how a key is written there, e.g. `dlkit.config.json: model.filters` or `--size`. */
  nameOf(path: string): string
}

/**
 * Says what is wrong with a configuration, in words of the person who wrote it; one problem for each key.
 *
 * @param merged all sources merged, as it was validated.
 * @param sources from the strongest to the weakest; an issue is blamed on the first that has the key.
 * @param knownKeys dotted paths of every key, for suggestions.
 * @returns one sentence for each issue, e.g. `dlkit.config.json: model.filters: expected a number, got "many"`.
 */
export function explainIssues(
  issues: readonly Issue[],
  merged: RawConfig,
  sources: readonly ConfigSource[],
  knownKeys: readonly string[],
): string[] {
  const named = new Set<string>()
  return issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      const unknown = issue.keys.slice(0, KEYS_SHOWN).map((key) => {
        const path = [...issue.path, key]
        const meant = closest(path.join('.'), knownKeys)
        return `${nameIn(sources, path)}: unknown key${meant ? `, did you mean ${meant}?` : ''}`
      })
      const more = issue.keys.length - unknown.length
      return more > 0 ? [...unknown, `${more} more unknown keys`] : unknown
    }
    const name = nameIn(sources, issue.path)
    if (named.has(name)) return []
    named.add(name)
    return [`${name}: ${problem(issue, valueAt(merged, issue.path))}`]
  })
}

function nameIn(sources: readonly ConfigSource[], path: readonly PropertyKey[]): string {
  const dotted = path.join('.')
  const [only, ...others] = sources
  const source =
    others.length === 0 ? only : sources.find(({ values }) => valueAt(values, path) !== undefined)
  return source ? source.nameOf(dotted) : dotted
}

const typeNames: Record<string, string> = {
  int: 'a whole number',
  number: 'a number',
  string: 'text',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
}

function problem(issue: Issue, value: unknown): string {
  const got = `got ${showValue(value)}`
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${typeNames[issue.expected] ?? issue.expected}, ${got}`
    case 'too_small':
      if (issue.origin === 'string') return `expected text, ${got}`
      return `expected ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}, ${got}`
    case 'too_big':
      return `expected ${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}, ${got}`
    case 'invalid_value':
      return `expected ${issue.values.map((option) => JSON.stringify(option)).join(' or ')}, ${got}`
    default:
      return issue.message
  }
}

/** @returns the dotted path of every value, e.g. `size`, `model`, `model.filters`. */
export function dottedKeys(config: RawConfig, prefix = ''): string[] {
  return Object.entries(config).flatMap(([key, value]) => {
    const path = prefix + key
    return isRawConfig(value) ? [path, ...dottedKeys(value, `${path}.`)] : [path]
  })
}
