import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../tests/temporary-folder.js'
import { ablation } from './ablation.js'
import { normal, seededRandom } from './random.js'

const config = { rate: 0.1, warmup: true, ema: true, clip: 1 as number | null }
type Config = typeof config

/** A training whose loss knows its practices: no warm-up costs 1, clipping nothing, and seeds spread by 0.2. */
function train({ warmup, ema, clip }: Config, seed: number): number {
  const noise = normal(seededRandom(seed, `${warmup} ${ema} ${clip}`))
  return 2 + (warmup ? 0 : 1) - (ema ? 0 : 0.9) + 0.2 * noise
}

const switches = { 'no warm-up': { warmup: false }, 'no EMA': { ema: false }, 'no clipping': { clip: null } }

test('effects are told from what the seeds explain', async () => {
  const { effects, baseline } = await ablation(config, switches, { run: train, seeds: 6 })
  expect(baseline).toEqual([1, 2, 3, 4, 5, 6].map((seed) => train(config, seed)))
  expect(effects.map(({ change, verdict }) => [change, verdict])).toEqual([
    ['no warm-up', 'worse'],
    ['no EMA', 'better'],
    ['no clipping', 'undecided'],
  ])
  const [warmup, , clipping] = effects
  expect(warmup!.effect!.low).toBeGreaterThan(0.2)
  expect(warmup!.effect!.high).toBeLessThan(2)
  expect(warmup!.text).toMatch(/^no warm-up: \+[\d.]+ \[\+[\d.]+, \+[\d.]+\], worse with 6 seeds\.$/)
  expect(clipping!.text).toMatch(
    /the seeds explain the difference; (about \d+ seeds would decide|there seems to be none)\.$/,
  )
})

test('what is good turns with the direction', async () => {
  const { effects } = await ablation(config, switches, { run: train, seeds: 6, direction: 'maximize' })
  expect(effects.map(({ verdict }) => verdict)).toEqual(['better', 'worse', 'undecided'])
})

test('of changes that do nothing at most 5 % of the ablations call one a difference', async () => {
  const nothing = Object.fromEntries(
    Array.from({ length: 4 }, (_, index) => [`change ${index}`, { clip: index + 2 }]),
  )
  let called = 0
  for (let repeat = 0; repeat < 60; repeat++) {
    const run = (own: Config, seed: number) => normal(seededRandom(seed, `${repeat} ${own.clip}`))
    const { effects } = await ablation(config, nothing, { run, seeds: 3 })
    if (effects.some(({ verdict }) => verdict !== 'undecided')) called++
  }
  expect(called).toBeLessThanOrEqual(7)
})

test('an ablation that was interrupted goes on, and another configuration does not get its results', async () => {
  const path = join(temporaryFolder(), 'journal')
  let runs = 0
  const counted = (own: Config, seed: number) => {
    if (++runs === 5) process.emit('SIGINT')
    return train(own, seed)
  }
  const options = { run: counted, seeds: 3, path }
  await expect(ablation(config, switches, options)).rejects.toThrow(
    'ablation: interrupted after 5 of 12 runs. With path, the next call goes on.',
  )
  const { effects } = await ablation(config, switches, options)
  expect(runs).toBe(12)
  expect(effects[0]!.values).toEqual([1, 2, 3].map((seed) => train({ ...config, warmup: false }, seed)))
  await ablation({ ...config, rate: 0.2 }, switches, options)
  expect(runs).toBe(24)
})

test('runs that fail are no numbers: a change that never trains is worse, one that sometimes does is undecided', async () => {
  const run = (own: Config, seed: number) => {
    if (!own.warmup) return Number.NaN
    if (!own.ema && seed === 2) throw new Error('no memory')
    return train(own, seed)
  }
  const { effects } = await ablation(config, switches, { run, seeds: [1, 2, 3] })
  expect(effects.slice(0, 2)).toMatchObject([
    { verdict: 'worse', effect: undefined, values: [Number.NaN, Number.NaN, Number.NaN] },
    {
      verdict: 'undecided',
      effect: undefined,
      text: 'no EMA: undecided, 1 of 3 seeds do not train (seed 2 failed: no memory). Find out why.',
    },
  ])
  await expect(
    ablation({ ...config, warmup: false }, { ema: { ema: false } }, { run, seeds: 3 }),
  ).rejects.toThrow('ablation: expected the unchanged configuration to train, but seed')
})

test.each([
  [switches, { seeds: 2 }, 'ablation: expected seeds to be a whole number from 3 up, got 2.'],
  [switches, { seeds: [1, 1, 2] }, 'ablation: expected at least 3 different seeds, got 1, 1, 2.'],
  [{}, {}, 'ablation: expected at least one switch, got none.'],
  [
    { 'no warmup': { warmpu: false } },
    {},
    'ablation, no warmup: expected the options rate, warmup, ema, clip, got warmpu.',
  ],
  [{ same: { rate: 0.1 } }, {}, 'ablation: expected same to change the configuration, but it does not.'],
  [switches, { confidence: 95 }, 'ablation: expected confidence between 0 and 1, got 95.'],
  [switches, { repeats: 3 }, 'got repeats'],
  [switches, { run: () => 1 }, 'ablation: expected results to differ between seeds, but all are the same.'],
])('%j with %j is refused', async (changes, options, message) => {
  await expect(
    ablation(config, changes as never, { run: train, seeds: 3, ...options } as never),
  ).rejects.toThrow(message)
})
