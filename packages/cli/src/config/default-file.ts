import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { UsageError } from '../errors.js'
import { isTrainingFile, scripts } from './training-file.js'

const model = /^model\.[cm]?[jt]s$/
const configuration = /^dlkit\.config\.([cm]?[jt]s|json[c5]?|ya?ml|toml)$/

/**
 * The file that is meant where none is named: `model.ts` of this folder, or what its only folder that is a project of dlkit
 * trains. Undefined beside `dlkit.config.*`, which is read without being named, and where nothing is dlkit's.
 *
 * @throws UsageError where it could be one of several, or has a name that says nothing.
 */
export function defaultFile(folder = '.'): string | undefined {
  const entries = readdirSync(folder, { withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map(({ name }) => name)
  if (files.some((name) => configuration.test(name))) return undefined
  const own = files.find((name) => model.test(name))
  if (own !== undefined) return join(folder, own)
  const others = files.filter((name) => mayBeMeant(folder, name)).map((name) => join(folder, name))
  const projects = entries
    .filter((entry) => entry.isDirectory() && !/^(\.|node_modules$)/.test(entry.name))
    .map(({ name }) => join(folder, name))
    .filter(isProject)
  const found = [...others, ...projects.flatMap(trainedBy)]
  if (others.length === 0 && found.length <= 1) return found[0]
  const names = found.length === 1 ? found[0] : `${found.slice(0, -1).join(', ')} and ${found.at(-1)}`
  throw new UsageError(
    `which file? ${names} may be meant: name one, or call it model.ts or dlkit.config.ts (.js, .json, .yaml)`,
  )
}

/** @throws UsageError where there is no file of a model. */
export function namedOrDefault(file: string | undefined): string {
  const found = file ?? defaultFile()
  if (found !== undefined && (file !== undefined || isTrainingFile(found))) return found
  throw new UsageError('which model? Name its file, as in my-model.ts, or call it model.ts')
}

/** A script that describes a training, or what looks like a configuration. */
function mayBeMeant(folder: string, name: string): boolean {
  if (/^\.?dlkit.*conf|^dlkit\.([cm]?[jt]s|json|ya?ml)$/.test(name)) return true
  if (!scripts.includes(extname(name))) return false
  const text = readFileSync(join(folder, name), 'utf8')
  return /\bdefine(Training|Config)\b/.test(text) && /['"]@dlkit\/cli['"]/.test(text)
}

/** What a project trains. */
function trainedBy(project: string): string[] {
  const names = readdirSync(project)
  const name = names.find((each) => configuration.test(each)) ?? names.find((each) => model.test(each))
  return name === undefined ? [] : [join(project, name)]
}

function isProject(folder: string): boolean {
  try {
    return '@dlkit/cli' in JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).dependencies
  } catch {
    return false
  }
}
