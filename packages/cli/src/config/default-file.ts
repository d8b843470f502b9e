import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '../errors.js'

const model = /^model\.[cm]?[jt]s$/
const configuration = /^dlkit\.config\.\w+$/

/**
 * The model that is meant where no file is named: `model.ts` of this folder, or that of its only folder that is a project
 * of dlkit. Undefined beside a configuration of the colouring network, and where there is none.
 */
export function defaultTrainingFile(folder = '.'): string | undefined {
  const entries = readdirSync(folder, { withFileTypes: true })
  if (entries.some(({ name }) => configuration.test(name))) return undefined
  const own = entries.find((entry) => entry.isFile() && model.test(entry.name))
  if (own) return join(folder, own.name)
  const projects = entries
    .filter((entry) => entry.isDirectory() && !/^(\.|node_modules$)/.test(entry.name))
    .flatMap(({ name }) => (isProject(join(folder, name)) ? [join(folder, name)] : []))
  if (projects.length !== 1) return undefined
  const found = readdirSync(projects[0]!).find((name) => model.test(name))
  return found && join(projects[0]!, found)
}

/** @throws UsageError where there is no file. */
export function namedOrDefault(file: string | undefined): string {
  const found = file ?? defaultTrainingFile()
  if (found !== undefined) return found
  throw new UsageError('which model? Name its file, as in my-model.ts, or call it model.ts')
}

function isProject(folder: string): boolean {
  try {
    return '@dlkit/cli' in JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).dependencies
  } catch {
    return false
  }
}
