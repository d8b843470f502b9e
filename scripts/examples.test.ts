import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { root } from './packages.js'

/** What each example prints; an example that is missing here fails. */
const prints: Record<string, RegExp[]> = {
  'digits-on-onnxruntime': [
    /^epoch 6: held-out accuracy (0\.9\d\d|1\.000)$/m,
    /^trained in \d+\.\d s on onnxruntime$/m,
  ],
  'drift-check': [
    /^\d+ m², \d rooms: \d+ €, let for \d+ €$/m,
    /^May: No drift of the data as a whole\. 0 of 4 features drifted \(0 %\)\.$/m,
    /^June: Drift of the data as a whole\. 1 of 4 features drifted \(25 %\): area\.$/m,
    /^\| area {4}\| YES {3}\| wasserstein \|/m,
  ],
  'export-onnx': [
    /^spots\.onnx: \d{4} bytes for \d+ parameters$/m,
    /^ONNX Runtime finds the spot at (row \d+, column \d+); it is at \1$/m,
    /^largest difference from TensorFlow\.js: (0e\+0|\de-([6-9]|\d\d))$/m,
  ],
  'fit-with-monitors': [
    /^raw: The inputs are not scaled: mean 28\d, standard deviation \d/m,
    /^ {2}→ First scale the inputs/m,
    /^mean squared error in K²: raw inputs \d{4,}, scaled inputs \d\.\d\d$/m,
  ],
  'in-the-browser': [/^Open examples\/in-the-browser\/dist\/index\.html in a browser/m],
  'l1-and-l2': [
    /^L2, rate 0\.01: [1-4]\d % near zero/m,
    /^L1, rate 0\.01: 9\d % near zero/m,
    /^The kernels side by side: .*sparsity\.svg$/m,
  ],
  'monitors-in-your-project': [
    /the network is no better than always answering with the shares of the classes\.\n {2}→ First check that inputs and/,
    /inputs and labels shuffled together:\naccuracy (9\d|100) %\n$/,
  ],
  'reverse-sequences': [/^(99\.[5-9]|100\.0) % of the symbols after \d+ steps and \d{1,2} s$/m],
}

/** What each step of the ladder prints. */
const ladderPrints: Record<string, RegExp[]> = {
  '01-classify-digits.ts': [
    /^pass \(P16\): The loss starts at 2\.3/m,
    /^pass \(P15\): The loss on 8 samples/m,
    /^held-out accuracy 0\.9\d\d, \d findings$/m,
  ],
  '02-why-it-fails.ts': [
    /^inputs: The inputs are not scaled.*\n {2}→ First scale.*\n {2}P10: Scale the inputs/m,
    /^initialization: /m,
    /^initial-loss: /m,
    /^All checks pass\.$/m,
  ],
  '03-tiny-gpt.ts': [/^9\+9=18$/m, /^(9\d|100) of 100 sums are right$/m],
  '04-scaler-and-drift.ts': [
    /^wear (\d\.\d), right is \d\.\d$/m,
    /^week1: No drift/m,
    /^week2: Drift .* 1 of 2 features drifted \(50 %\): temperature\.$/m,
  ],
  '05-rates-and-search.ts': [/^pass: Suggested learning rates: /m, /^best of 16: \d+ units, rate /m],
  '06-own-gan.ts': [/^[6-9]\d % near the ring, [78] of 8 spots$/m],
  '07-colour-a-page.ts': [/^trained 150 steps/m, /with a blue stroke: 40,90,220$/m],
  '08-gpu.ts': [/^\S+ \S+ on (cpu|cuda|gpu)\b.*: /m, /^wasm on cpu: [\d.]+ ms a step$/m],
}

const folder = join(root, 'examples')
const ladder = readdirSync(folder).filter((name) => /^\d\d-.*\.ts$/.test(name))
const examples = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'package.json')))

vi.setConfig({ testTimeout: 240_000 })

describe('each example', () => {
  test.each(examples)('%s runs and prints what it promises', (name) => {
    const { status, stdout, stderr } = spawnSync('npm', ['start', '--silent'], {
      cwd: join(folder, name),
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: `--import=${new URL('seed-random.js', import.meta.url)}` },
    })
    expect(status, stderr).toBe(0)
    expect(prints[name], `scripts/examples.test.ts says nothing about ${name}`).toBeDefined()
    for (const pattern of prints[name] ?? []) expect(stdout).toMatch(pattern)
  })

  test('that is expected here exists', () => {
    expect(examples).toEqual(Object.keys(prints).sort())
  })
})

describe('each step of the ladder', () => {
  test.each(ladder)('%s is short, runs and prints what it promises', (name) => {
    const path = `examples/${name}`
    expect(readFileSync(join(root, path), 'utf8').trimEnd().split('\n').length).toBeLessThanOrEqual(80)
    const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', 'example', path], {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: `--import=${new URL('seed-random.js', import.meta.url)}` },
    })
    expect(status, stderr).toBe(0)
    for (const pattern of ladderPrints[name] ?? [/never/]) expect(stdout).toMatch(pattern)
  })

  test('that is expected here exists: 01 to 08', () => {
    expect(ladder).toEqual(Object.keys(ladderPrints))
    expect(ladder.map((name) => name.slice(0, 2))).toEqual(ladder.map((_, index) => `0${index + 1}`))
  })
})
