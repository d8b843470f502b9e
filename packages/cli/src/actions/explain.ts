import { practices } from '@dlkit/practices'
import colors from 'picocolors'
import { closest } from '../config/closest.js'
import { exitCodes, UsageError } from '../errors.js'
import { type Explained, explanations } from '../explain/explanations.js'
import { practiceText } from '../explain/practice-text.js'
import { Output, type OutputOptions } from '../output/output.js'

/** Prints a practice, or what a rule or a check is about and the practice behind it. @returns the exit code. */
export function explainAction(name: string | undefined, options: OutputOptions): number {
  const output = new Output(options)
  if (name === undefined) {
    for (const practice of practices) {
      output.json(practice)
      output.print(`${practice.number.padEnd(4)} ${practice.title}`)
    }
    return exitCodes.done
  }
  const practice = practices.find(({ number }) => number === name.toUpperCase())
  const found = practice ? [] : explanations().filter((each) => each.name === name.toLowerCase())
  if (!practice && found.length === 0) throw new UsageError(unknownName(name))
  for (const each of found) {
    output.json(each)
    output.print(`${colors.bold(`${each.name}, ${labels[each.kind]}`)}\n\n${each.text}\n`)
  }
  const numbers = practice ? [practice.number] : [...new Set(found.map((each) => each.practice))]
  for (const behind of practices.filter(({ number }) => numbers.includes(number))) {
    output.json(behind)
    output.print(practiceText(behind))
  }
  return exitCodes.done
}

const labels: Record<Explained['kind'], string> = {
  rule: 'a rule of the monitors',
  check: 'a check before a training',
}

function unknownName(name: string): string {
  const known = [...practices.map(({ number }) => number), ...explanations().map((each) => each.name)]
  const meant = closest(name, known)
  const hint =
    meant === undefined
      ? 'choose P1 to P34, or the name that a finding or a check shows'
      : `did you mean ${meant}?`
  return `there is no practice, rule or check "${name}"; ${hint}`
}
