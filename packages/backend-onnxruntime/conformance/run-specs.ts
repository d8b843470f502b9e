import { writeSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const require = createRequire(import.meta.url)

interface SpecResult {
  fullName: string
  status: string
  failedExpectations: { message: string }[]
}

/**
 * Runs the specs of a bundle, prints those that fail as they do, and then the count.
 *
 * @param text only specs whose name contains it
 * @returns the exit code
 */
export async function runSpecs(
  bundle: string,
  exclusions: Record<string, string>,
  text?: string,
): Promise<number> {
  const every = Number(process.env.CONFORMANCE_EVERY ?? 1)
  const jasmine = require('jasmine-core').boot()
  const env = jasmine.getEnv()
  let seen = 0
  env.configure({
    random: false,
    specFilter: (spec: { getFullName(): string }) => {
      const name = spec.getFullName()
      return (text === undefined || name.includes(text)) && !(name in exclusions) && seen++ % every === 0
    },
  })
  let passed = 0
  let failed = 0
  env.addReporter({
    specDone: ({ fullName, status, failedExpectations }: SpecResult) => {
      if (status === 'passed') passed++
      if (status !== 'failed') return
      failed++
      writeSync(1, `FAILED ${fullName}\n       ${failedExpectations[0]?.message.split('\n', 1)[0]}\n`)
    },
  })
  const started = performance.now()
  await import(pathToFileURL(bundle).href)
  await env.execute()
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  const excluded = Object.keys(exclusions).length
  console.log(`${passed} specs passed, ${failed} failed, ${excluded} excluded, in ${seconds} s`)
  return failed === 0 ? 0 : 1
}
