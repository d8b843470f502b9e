import { before, camel, changeset, type Edits } from './edits.js'

const commandSource = (name: string) => `import { Command } from '@commander-js/extra-typings'
import { asTyped } from '../output/command.js'
import { jsonOption, verboseOption } from './options.js'

const help = \`
Examples:
  $ dlkit ${name}
  $ dlkit ${name} runs/demo --json\`

export function ${camel(name)}Command(finish: (exitCode: number) => void) {
  return new Command('${name}')
    .description('TODO: what it does')
    .argument('[folder]', 'the folder that it looks at', '.')
    .option(...jsonOption)
    .option(...verboseOption)
    .addHelpText('after', asTyped(help))
    .action(async (folder, options) => {
      const { ${camel(name)}Action } = await import('../actions/${name}.js')
      finish(${camel(name)}Action(folder, options))
    })
}
`

const actionSource = (name: string) => `import { readdirSync } from 'node:fs'
import { describeError, exitCodes, Failure } from '../errors.js'
import { Output, type OutputOptions } from '../output/output.js'

/** TODO: what it does. Here: counts what a folder holds. @returns the exit code. */
export function ${camel(name)}Action(folder: string, options: OutputOptions): number {
  const output = new Output(options)
  try {
    const entries = readdirSync(folder).length
    output.json({ folder, entries })
    output.print(\`\${entries} entries\`)
    return exitCodes.done
  } catch (error) {
    throw new Failure(describeError(error), { cause: error })
  }
}
`

const contract = (name: string) => `import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dlkit } from '../../tests/dlkit-process.js'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dlkit-${name}-'))
  await writeFile(join(folder, 'one.txt'), '1')
})
afterAll(() => rm(folder, { recursive: true }))

test('says what a folder holds, for people and for programs', async () => {
  expect(await dlkit(['${name}', folder], folder)).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\\d+ entries\\n$/) })
  const { stdout } = await dlkit(['${name}', folder, '--json'], folder)
  expect(JSON.parse(stdout)).toEqual({ folder, entries: expect.any(Number) })
})

test('a folder that is not there is named in one line', async () => {
  const { code, stderr } = await dlkit(['${name}', 'missing'], folder)
  expect(code).toBe(1)
  expect(stderr).toBe('dlkit: missing: no such file or folder, ENOENT\\n')
})
`

/** A command that looks at a folder, to be changed; its action and test, its place in the program and in the README. */
export function newCommand(name: string): Edits {
  if (!/^[a-z]+(-[a-z]+)*$/.test(name)) throw new Error(`expected a name such as count-runs, got ${name}`)
  const folder = 'packages/cli'
  return {
    create: {
      [`${folder}/src/commands/${name}.ts`]: commandSource(name),
      [`${folder}/src/actions/${name}.ts`]: actionSource(name),
      [`${folder}/src/actions/${name}.test.ts`]: contract(name),
      ...changeset('@dlkit/cli', `\`dlkit ${name}\`.`),
    },
    change: [
      {
        file: `${folder}/src/run.ts`,
        how: before(
          'import { dashboardCommand }',
          `import { ${camel(name)}Command } from './commands/${name}.js'\n`,
        ),
      },
      { file: `${folder}/src/run.ts`, how: before('  completionCommand,\n]', `  ${camel(name)}Command,\n`) },
      {
        file: `${folder}/README.md`,
        how: before('| `dlkit completion', `| \`dlkit ${name} [FOLDER]\` | TODO: what it does |\n`),
      },
    ],
    next: [
      `Write what the command does into ${folder}/src/actions/${name}.ts and its test, and its options into ${folder}/src/commands/${name}.ts and ${folder}/README.md. Completion knows it already.`,
    ],
  }
}
