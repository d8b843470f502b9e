import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { dlkit } from '../../tests/dlkit-process.js'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dlkit-completion-'))
  await writeFile(join(folder, 'bash.sh'), (await dlkit(['completion', 'bash'], folder)).stdout)
})
afterAll(() => rm(folder, { recursive: true }))

/** What bash offers for the last of these words. */
function offered(...words: string[]): string[] {
  const program =
    'source bash.sh; COMP_WORDS=("$@"); COMP_CWORD=$(($#-1)); _dlkit; IFS=" "; echo \x24{COMPREPLY[*]}'
  const text = execFileSync('bash', ['-c', program, 'bash', ...words], { cwd: folder, encoding: 'utf8' })
  return text.trim().split(' ')
}

test('bash completes commands, options, choices and files', () => {
  expect(offered('dlkit', 'tr')).toEqual(['train'])
  expect(offered('dlkit', '')).toEqual(expect.arrayContaining(['init', 'train', 'runs', 'completion']))
  expect(offered('dlkit', 'train', '--re')).toEqual(['--resume'])
  expect(offered('dlkit', 'export', 'run', '--format', 's')).toEqual(['safetensors'])
  expect(offered('dlkit', 'eval', 'run', '--split', '')).toEqual(['train', 'validation', 'test'])
  expect(offered('dlkit', 'check', 'ba')).toEqual(['bash.sh'])
  expect(offered('dlkit', 'completion', 'z')).toEqual(['zsh'])
  expect(offered('dlkit', 'explain', 'initial')).toEqual(['initial-loss', 'initialization'])
  expect(offered('dlkit', 'explain', 'P3')).toContain('P34')
})

test('zsh and fish get the same commands; other shells are refused', async () => {
  expect((await dlkit(['completion', 'zsh'], folder)).stdout).toMatch(/^autoload -U \+X bashcompinit/)
  const fish = (await dlkit(['completion', 'fish'], folder)).stdout
  expect(fish).toMatch(/^complete -c dlkit -n __fish_use_subcommand -f -a train -d '/m)
  expect(fish).toMatch(/__fish_seen_subcommand_from export' -l format -d .+ -x -a 'onnx tfjs safetensors'$/m)
  const { code, stderr } = await dlkit(['completion', 'bsh'], folder)
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: 'dlkit: expected bash, zsh, fish, got "bsh"; did you mean bash?\n',
  })
})
