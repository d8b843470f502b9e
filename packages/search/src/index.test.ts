import { expect, test } from 'vitest'

test('the package exports exactly these names', async () => {
  expect(Object.keys(await import('./index.js')).sort()).toEqual([
    'JournalError',
    'TrialStopped',
    'ablation',
    'childProcesses',
    'choice',
    'coarseToFineSampler',
    'conditional',
    'gridSampler',
    'inProcess',
    'int',
    'logUniform',
    'medianPruner',
    'openStudy',
    'parameterImportance',
    'paretoFront',
    'randomSampler',
    'readStudies',
    'redisQueue',
    'runStudy',
    'sobolSampler',
    'startWorker',
    'successiveHalving',
    'tpeSampler',
    'tuningPlan',
    'uniform',
  ])
})
