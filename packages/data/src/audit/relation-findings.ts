import type { Leak } from '../splits/find-leaks.js'
import type { LookAlike } from '../splits/look-alikes.js'
import type { AuditFinding } from './audit-report.js'
import type { ExaminedSample } from './picture-findings.js'
import { pictures } from './picture-findings.js'

/** Above this the largest class counts for too much. */
const mostImbalance = 10

const pairsOf = (count: number): string => (count === 1 ? '1 pair' : `${count} pairs`)

/** What is wrong between pictures: copies, look-alikes, and pairs that contradict each other. */
export function relationFindings(
  samples: readonly ExaminedSample[],
  lookAlikes: readonly LookAlike[],
  leaks: readonly Leak[],
): AuditFinding[] {
  const idsOf = ({ a, b }: LookAlike): string[] => [samples[a]!.id, samples[b]!.id]
  const exact = lookAlikes.filter((pair) => pair.exact)
  const near = lookAlikes.filter((pair) => !pair.exact)
  const differing = lookAlikes.filter(({ a, b }) => samples[a]!.category !== samples[b]!.category)
  const findings: AuditFinding[] = [
    {
      kind: 'exact-duplicate',
      message: `${pairsOf(exact.length)} of equal files.`,
      remedy: 'Keep one of each: copies count twice and leak into other splits.',
      cases: exact.map((pair) => ({ ids: idsOf(pair), detail: 'equal byte for byte' })),
    },
    {
      kind: 'near-duplicate',
      message: `${pairsOf(near.length)} that look alike.`,
      remedy: 'Keep one of each, or split with splitSource or loadPairs, which keep them together.',
      cases: near.map((pair) => ({ ids: idsOf(pair), detail: alike(pair.similarity) })),
    },
    {
      kind: 'leak',
      message: `${pairsOf(leaks.length)} of equal or similar pictures in different splits: scores will be too good.`,
      remedy: 'Split again by groups: splitSource and loadPairs keep look-alikes together.',
      cases: leaks.map(({ a, b, splitA, splitB, exact: isExact, similarity }) => ({
        ids: [a, b],
        detail: `${splitA} and ${splitB}, ${isExact ? 'equal byte for byte' : alike(similarity)}`,
      })),
    },
    {
      kind: 'label-conflict',
      message: `${pairsOf(differing.length)} of equal or similar pictures in different classes.`,
      remedy: 'Decide which class is right: one of them is a label error.',
      cases: differing.map((pair) => ({
        ids: idsOf(pair),
        detail: `${samples[pair.a]!.category} and ${samples[pair.b]!.category}`,
      })),
    },
    colourConflicts(samples),
  ]
  return findings.filter(({ cases }) => cases.length > 0)
}

function alike(similarity: number): string {
  return `similarity ${similarity.toFixed(2)}`
}

/** Equal line art that is coloured in different ways: a net can only learn the mean of them. */
function colourConflicts(samples: readonly ExaminedSample[]): AuditFinding {
  const byLine = new Map<string, ExaminedSample[]>()
  for (const sample of samples) {
    const { line } = sample.examination
    if (!line) continue
    const others = byLine.get(line.digest)
    if (others) others.push(sample)
    else byLine.set(line.digest, [sample])
  }
  const cases = [...byLine.values()].flatMap((same) => {
    const colourings = new Set(same.map(({ examination }) => examination.fingerprint.digest))
    if (colourings.size < 2) return []
    return [{ ids: same.map(({ id }) => id), detail: `${colourings.size} colourings` }]
  })
  return {
    kind: 'colour-conflict',
    message: `${cases.length} equal drawings with several colourings.`,
    remedy: 'Keep one colouring of each, or give the net a hint or a reference that tells them apart.',
    cases,
  }
}

/** Classes of very different size; nothing with fewer than two classes. */
export function imbalanceFindings(classes: readonly { name: string; count: number }[]): AuditFinding[] {
  const [smallest, largest] = [classes.at(-1), classes[0]]
  if (!smallest || !largest || largest.count / smallest.count <= mostImbalance) return []
  const cases = classes
    .filter(({ count }) => largest.count / count > mostImbalance)
    .map(({ name, count }) => ({ ids: [], detail: `${name}: ${pictures(count)}` }))
  return [
    {
      kind: 'imbalance',
      message: `The largest class, ${largest.name}, has ${largest.count} pictures, more than ${mostImbalance} times as many as others.`,
      remedy: 'Collect more of the small classes, draw them more often, or drop them.',
      cases,
    },
  ]
}
