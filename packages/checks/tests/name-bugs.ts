import { expect, test } from 'vitest'
import { preflight } from '../src/index.js'
import type { Bug } from './bug.js'

/** The first check that does not pass is the one that names the bug. */
export function nameBugs(bugs: readonly Bug[]): void {
  test.each(bugs)('$name', async ({ expected, make }) => {
    const { model, data } = make()
    const { results } = await preflight(model, data)
    const [first] = results.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn')
    expect(first, JSON.stringify(results, undefined, 1)).toMatchObject({ check: expected })
    expect(`${first!.evidence} ${first!.next}`).not.toMatch(/undefined|\[object|The model cannot be run/)
    expect(first!.next).toMatch(/^First /)
  })
}
