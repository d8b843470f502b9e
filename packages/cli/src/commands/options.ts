// Arguments and options that several commands share, as `[flags, description]`.

export const checkedFile = [
  '[file]',
  'your model (my-model.ts, see above), or a configuration of the colouring network',
] as const

export const batchOption = ['--batch-size <count>', 'samples per batch'] as const
export const seedOption = ['--seed <number>', 'seed of everything random (default: 1)'] as const
export const presetOption = [
  '--preset <name>',
  'of the colouring network: demo, standard, quality or debug',
] as const
export const dataOption = ['--data <source>', 'pictures for the colouring network'] as const
export const sizeOption = ['--size <pixels>', 'side of its pictures'] as const
export const engineOption = ['--engine <name>', "'auto', or one that `dlkit engine` lists"] as const
export const jsonOption = ['--json', 'print JSON on stdout, one object per line, and nothing else'] as const
export const quietOption = ['--quiet', 'print results and warnings only'] as const
export const verboseOption = ['--verbose', 'print stack traces'] as const

/** Of trainings that are compared with each other. */
export const metricOption = [
  '--metric <name>',
  'what is judged after each epoch (default: val_loss)',
] as const
export const trialEpochsOption = ['--epochs <count>', 'passes of each trial (default: of the file)'] as const
export const trialBatchOption = ['--batch <count>', 'samples per step (default: of the file)'] as const
export const parallelOption = ['--parallel <count>', 'trials at the same time (default: 1)'] as const
