import { mkdir, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, join, resolve } from 'node:path'
import { printable } from '@dlkit/monitors/printable'
import { closest } from '../config/closest.js'
import { exitCodes, Failure, UsageError } from '../errors.js'
import { type TemplateName, templateHints, templates } from '../init/templates.js'
import { command } from '../output/command.js'
import { shellWord } from '../output/format.js'
import { Output, type OutputOptions } from '../output/output.js'
import { assertWritable, isTaken } from './new-folder.js'

export interface InitArgs extends OutputOptions {
  template?: string
  yes?: true
}

interface Answers {
  folder: string
  template: TemplateName
}

/** Makes the folder of a new project; asks on a terminal for what the options do not say. @returns the exit code. */
export async function initAction(folder: string | undefined, args: InitArgs): Promise<number> {
  const output = new Output(args)
  const template = args.template === undefined ? undefined : templateOf(args.template)
  const answers = await complete(folder, template, args)
  if (answers === undefined) return exitCodes.interrupted
  await assertWritable(answers.folder)
  if (await isTaken(answers.folder))
    throw new Failure(`${answers.folder}: holds files already. Choose another folder`)
  const name = basename(resolve(answers.folder))
  const files = templates[answers.template](nameOfPackage(name))
  await mkdir(answers.folder, { recursive: true })
  for (const [file, text] of Object.entries(files)) await writeFile(join(answers.folder, file), text)
  const steps = nextSteps(answers, files['package.json']!)
  output.json({ ...answers, files: Object.keys(files), next: steps })
  output.say(`Made ${printable(answers.folder)} with ${Object.keys(files).join(', ')}`)
  output.say(`\nNext:\n${steps.map((step) => `  ${step}`).join('\n')}`)
  return exitCodes.done
}

const names = Object.keys(templates) as TemplateName[]

function templateOf(name: string): TemplateName {
  const found = names.find((known) => known === name)
  if (found !== undefined) return found
  const meant = closest(name, names)
  throw new UsageError(
    `--template: expected ${names.join(', ')}, got "${name}"${meant ? `; did you mean ${meant}?` : ''}`,
  )
}

const defaultFolder = (template: TemplateName) => `my-${template === 'own' ? 'model' : template}`

/** @returns undefined when the user leaves. */
async function complete(
  folder: string | undefined,
  template: TemplateName | undefined,
  { yes, json }: InitArgs,
): Promise<Answers | undefined> {
  if (template !== undefined && folder !== undefined) return { folder, template }
  if (yes) return { template: template ?? 'colours', folder: folder ?? defaultFolder(template ?? 'colours') }
  if (json || !process.stdin.isTTY || !process.stdout.isTTY) {
    throw new UsageError(
      `without a terminal to ask on: give folder and --template (${names.join(', ')}), or --yes for the defaults`,
    )
  }
  const { cancel, isCancel, select, text } = await import('@clack/prompts')
  const options = names.map((value) => ({ value, label: value, hint: templateHints[value] }))
  const chosen = template ?? (await select({ message: 'What do you want to begin with?', options }))
  const place = isCancel(chosen)
    ? chosen
    : (folder ??
      (await text({
        message: 'In which folder?',
        placeholder: defaultFolder(chosen),
        defaultValue: defaultFolder(chosen),
      })))
  if (isCancel(chosen) || isCancel(place)) {
    cancel('Nothing was made.')
    return undefined
  }
  return { folder: place, template: chosen }
}

/** What npm takes as the name of a package. */
function nameOfPackage(name: string): string {
  return (
    name
      .toLowerCase()
      .replace(/[^a-z0-9-]+/g, '-')
      .replace(/^-+|-+$/g, '') || 'my-project'
  )
}

function nextSteps({ folder, template }: Answers, manifest: string): string[] {
  const { dependencies } = JSON.parse(manifest) as { dependencies: Record<string, string> }
  const own = command() === 'dlkit' ? 'dlkit' : 'npx dlkit'
  const start = { colours: [`${own} train`], own: [`${own} check`, `${own} train`], monitors: ['npm start'] }
  return [
    ...(resolve(folder) === process.cwd() ? [] : [`cd ${shellWord(folder)}`]),
    ...(areInstalled(folder, Object.keys(dependencies)) ? [] : ['npm install']),
    ...start[template],
  ]
}

/** Packages of a folder above do, too. */
function areInstalled(folder: string, packages: readonly string[]): boolean {
  const { resolve: find } = createRequire(resolve(folder, 'package.json'))
  return packages.every((name) => {
    try {
      return find(name) !== ''
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'ERR_PACKAGE_PATH_NOT_EXPORTED'
    }
  })
}
