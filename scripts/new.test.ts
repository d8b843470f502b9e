import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { kebab } from './new/edits.js'
import { root } from './packages.js'

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 })

let copy: string
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'dlkit-new-'))
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], {
    cwd: root,
    encoding: 'utf8',
  })
  for (const file of listed.split('\0').filter(Boolean)) {
    mkdirSync(dirname(join(copy, file)), { recursive: true })
    copyFileSync(join(root, file), join(copy, file))
  }
  const modules = join(copy, 'node_modules')
  mkdirSync(join(modules, '@dlkit'), { recursive: true })
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name !== '@dlkit' && name !== '.cache')
      symlinkSync(join(root, 'node_modules', name), join(modules, name))
  }
  for (const name of readdirSync(join(copy, 'packages'))) {
    symlinkSync(join(copy, 'packages', name), join(modules, '@dlkit', name))
    const own = join(root, 'packages', name, 'node_modules')
    try {
      symlinkSync(readdirSync(own).length > 0 ? own : '', join(copy, 'packages', name, 'node_modules'))
    } catch {}
  }
})
afterAll(() => rmSync(copy, { recursive: true }))

const make = (...words: string[]) => {
  const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', 'new', '--', ...words], {
    cwd: copy,
    encoding: 'utf8',
  })
  return {
    status,
    stderr,
    files: stdout.split('\n').filter((line) => /^(\.changeset|packages)\//.test(line)),
  }
}

test('a layer, a rule, a command and a source are made with tests that pass and in good form', () => {
  const files = [
    ['layer', 'GlobalGain2D'],
    ['rule', 'sparse-gradient', 'P9'],
    ['command', 'count-files'],
    ['source', 'comic-pages'],
  ].flatMap((words) => make(...words).files)
  expect(files).toContain('packages/layers/src/global-gain-2d.ts')
  const made = files.filter((file) => file.endsWith('.test.ts'))
  expect(made).toEqual(
    expect.arrayContaining([
      'packages/layers/src/global-gain-2d.test.ts',
      'packages/monitors/src/rules/sparse-gradient.test.ts',
      'packages/cli/src/actions/count-files.test.ts',
      'packages/data/src/sources/comic-pages-source.test.ts',
    ]),
  )
  const tests = [
    ...made,
    'packages/monitors/src/index.test.ts',
    'packages/layers/src/register-layers.test.ts',
    'scripts/docstrings.test.ts',
  ]
  const projects = ['--project', 'node', '--project', 'onnxruntime']
  const vitest = spawnSync('npx', ['--no-install', 'vitest', 'run', ...projects, ...tests], {
    cwd: copy,
    encoding: 'utf8',
  })
  expect(vitest.status, vitest.stdout + vitest.stderr).toBe(0)
  const typescript = files.filter((file) => file.endsWith('.ts'))
  const form = spawnSync('npx', ['--no-install', 'biome', 'check', '--vcs-enabled=false', ...typescript], {
    cwd: copy,
    encoding: 'utf8',
  })
  expect(form.status, form.stdout + form.stderr).toBe(0)
  expect(readFileSync(join(copy, 'docs/practices.md'), 'utf8')).toContain('RULES.md#sparse-gradient')
  const rulesIn = (folder: string) =>
    Number(/The (\d+) rules/.exec(readFileSync(join(folder, 'packages/monitors/README.md'), 'utf8'))![1])
  expect(rulesIn(copy)).toBe(rulesIn(root) + 1)
})

test('what exists is left alone, and unknown words are refused with what there is', () => {
  expect(make('layer', 'LayerScale')).toMatchObject({
    status: 2,
    stderr: 'new: packages/layers/src/layer-scale.ts exists already; choose another name\n',
  })
  expect(make('monitor', 'x').stderr).toBe(
    'new: expected one of layer, rule, command, source and a name, got "monitor x"\n',
  )
  expect(make('rule', 'no-practice', 'P99').stderr).toBe('new: there is no practice P99\n')
  expect(make('layer', 'small').status).toBe(2)
})

test('names of files follow names of classes', () => {
  expect(['GlobalPool2D', 'LayerScale', 'GELU', 'RMSNormalization'].map(kebab)).toEqual([
    'global-pool-2d',
    'layer-scale',
    'gelu',
    'rms-normalization',
  ])
})
