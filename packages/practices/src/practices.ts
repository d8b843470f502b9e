import { begin } from './begin.js'
import { data } from './data.js'
import { debug } from './debug.js'
import { design } from './design.js'
import type { Practice, PracticeNumber } from './practice.js'
import { tune } from './tune.js'
import { watch } from './watch.js'

const orderOf = ({ number }: Practice): number => Number(number.slice(1))

/** All practices, P1 to P34. */
export const practices: readonly Practice[] = [begin, data, design, watch, debug, tune]
  .flat()
  .sort((a, b) => orderOf(a) - orderOf(b))

/** The practice with this number. @throws RangeError for a number that no practice has. */
export function practiceOf(number: PracticeNumber): Practice {
  const practice = practices.find((candidate) => candidate.number === number)
  if (!practice) throw new RangeError(`practiceOf: expected P1 to P${practices.length}, got ${number}.`)
  return practice
}
