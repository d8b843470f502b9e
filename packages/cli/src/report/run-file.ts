import { join } from 'node:path'
import type { RunFolder } from '@dlkit/training'
import { z } from 'zod'
import { explainIssues } from '../config/explain-issues.js'
import type { RawConfig } from '../config/merge.js'
import { Failure } from '../errors.js'
import { command } from '../output/command.js'
import { isOwnConfig } from '../training/own-config.js'

const record = z.record(z.string(), z.unknown())
const measures = z.record(z.string(), z.number())
const quality = z.object({ psnr: z.number(), ssim: z.number() })
const remade = `Remove the file; \`${command()} train --resume\` makes it anew`

/** JSON files of a run folder that may be missing: what they must hold, and what helps when they do not. */
const files = {
  'environment.json': { schema: record, help: remade },
  'dataset.json': { schema: record, help: remade },
  'evaluation.json': {
    schema: z.looseObject({
      step: z.number(),
      split: z.string(),
      count: z.number(),
      model: quality,
      baselines: z.looseObject({ lineArt: quality, meanColour: quality }),
    }),
    help: 'Remove the file; the report then says that the run is not evaluated',
  },
} as const

/** The evaluation of a model of the user's own, which has other measures. */
const ownEvaluation = z.looseObject({
  step: z.number(),
  split: z.string(),
  count: z.number(),
  model: measures,
  baselines: z.record(z.string(), measures),
})

/**
 * Reads a JSON file of a run folder.
 *
 * @returns undefined when there is no such file. @throws Failure naming file, key and what helps when it is damaged.
 */
export function readRunFile(run: RunFolder, name: keyof typeof files): RawConfig | undefined {
  const { help } = files[name]
  const isOwn = name === 'evaluation.json' && isOwnConfig(run.readJson('config.json'))
  const schema = isOwn ? ownEvaluation : files[name].schema
  const file = join(run.path, name)
  let value: unknown
  try {
    value = run.readJson(name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    if (error instanceof SyntaxError) throw new Failure(`${file}: no valid JSON. ${help}`, { cause: error })
    throw error
  }
  const { data, error } = schema.safeParse(value)
  if (data !== undefined) return data
  const source = {
    values: value as RawConfig,
    nameOf: (path: string) => (path ? `${file}: ${path}` : file),
  }
  const [issue = file] = explainIssues(error?.issues ?? [], source.values, [source], [])
  throw new Failure(`${issue}. ${help}`)
}
