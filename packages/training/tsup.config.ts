import shared from '../../tsup.config.js'

export default {
  ...shared,
  dts: { entry: ['src/index.ts', 'src/files.ts', 'src/progress.ts', 'src/statistics.ts'] },
}
