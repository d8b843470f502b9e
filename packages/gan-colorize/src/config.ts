import { z } from 'zod'

/** Zod schema of a training configuration: every hyperparameter, its range and its default. */
export const configSchema = z
  .strictObject({
    data: z
      .string()
      .min(1)
      .default('openmoji')
      .describe("'openmoji', or a folder, archive or list of colour pictures or pairs"),
    size: z.int().min(16).max(512).default(64).describe('side of the training pictures in pixels'),
    batch: z.int().min(1).max(256).default(8).describe('pictures per step'),
    steps: z.int().min(1).default(2000).describe('updates of the generator'),
    seed: z.int().min(0).max(0x7fffffff).default(1).describe('seeds weights, dropout, split and shuffle'),
    ink: z
      .boolean()
      .default(false)
      .describe('lays the line art over the coloured pictures, for those that have no lines of their own'),
    flip: z.boolean().default(false).describe('mirrors half of the training batches'),
    engine: z.string().min(1).default('auto').describe("'auto', or the name of an engine"),

    model: z
      .strictObject({
        filters: z.int().min(4).max(256).default(32).describe('channels of the first generator level'),
        levels: z.int().min(2).max(7).default(4).describe('times the generator halves the picture'),
        discriminatorFilters: z.int().min(4).max(256).default(32).describe('channels of its first level'),
        attention: z.boolean().default(true).describe('self-attention at 1/4 of the resolution'),
        hints: z.boolean().default(false).describe('takes strokes of colour beside the line art'),
        dropout: z.number().min(0).max(0.9).default(0.2).describe('rate in the deepest decoder levels'),
      })
      .prefault({}),

    loss: z
      .strictObject({
        adversarial: z.enum(['hinge', 'bce']).default('hinge'),
        adversarialWeight: z.number().min(0).default(1),
        l1Weight: z.number().min(0).default(100),
        l2: z.number().min(0).default(0).describe('weight decay penalty on the generator kernels'),
      })
      .prefault({}),

    optimizer: z
      .strictObject({
        learningRate: z.number().positive().default(2e-4),
        discriminatorLearningRate: z.number().positive().default(2e-4),
        schedule: z
          .enum(['constant', 'one-cycle'])
          .default('constant')
          .describe("'one-cycle' rises to the rates within a fifth of the steps and falls to nothing"),
        beta1: z.number().min(0).lt(1).default(0.5),
        ema: z.number().min(0).lt(1).default(0.999).describe('decay of the averaged generator'),
      })
      .prefault({}),

    log: z
      .strictObject({
        samplesEvery: z.int().min(1).default(200).describe('steps between sample grids'),
        checkpointEvery: z.int().min(1).default(100).describe('steps between checkpoints'),
        gradientsEvery: z.int().min(1).default(20).describe('steps between gradient norms'),
        keepCheckpoints: z.int().min(1).default(3),
      })
      .prefault({}),
  })
  .superRefine((config, context) => {
    const multiple = 2 ** config.model.levels
    if (config.size % multiple !== 0) {
      context.addIssue({
        code: 'custom',
        path: ['size'],
        message: `expected a multiple of ${multiple} (2 to the power of model.levels), got ${config.size}`,
      })
    }
  })

/** A configuration with all of its values, as `configSchema` gives it. */
export type Config = z.output<typeof configSchema>
/** A configuration in which every value with a default may be left out. */
export type ConfigInput = z.input<typeof configSchema>

/** Starting points; a configuration file and flags override their values. */
export const presets = {
  /** Minutes on two CPU cores, without a discriminator: its time goes into more steps. */
  demo: {
    size: 64,
    batch: 8,
    steps: 1100,
    flip: true,
    model: { filters: 16, levels: 4, discriminatorFilters: 16, attention: false, dropout: 0, hints: true },
    loss: { adversarialWeight: 0 },
    optimizer: { learningRate: 3e-3, beta1: 0.9, schedule: 'one-cycle', ema: 0.99 },
    log: { samplesEvery: 300, checkpointEvery: 100, gradientsEvery: 20 },
  },
  /** The published pix2pix recipe with an averaged generator. */
  standard: { flip: true, model: { hints: true } },
  /** What the weights of @dlkit/gan-colorize-weights are trained with. */
  quality: {
    size: 128,
    batch: 16,
    steps: 12000,
    ink: true,
    flip: true,
    model: { filters: 24, levels: 5, discriminatorFilters: 16, attention: false, dropout: 0, hints: true },
    loss: { adversarialWeight: 0 },
    optimizer: { learningRate: 2e-3, beta1: 0.9, schedule: 'one-cycle', ema: 0.99 },
    log: { samplesEvery: 1000, checkpointEvery: 1000, gradientsEvery: 200 },
  },
  /** Everything that can hide a bug is off: plain reconstruction with Adam's own defaults. */
  debug: {
    steps: 500,
    model: { filters: 16, attention: false, dropout: 0 },
    loss: { adversarialWeight: 0, l2: 0 },
    optimizer: { learningRate: 1e-3, beta1: 0.9, ema: 0 },
  },
} satisfies Record<string, ConfigInput>

/** Names of `presets`. */
export type PresetName = keyof typeof presets
