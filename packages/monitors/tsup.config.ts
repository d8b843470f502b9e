import shared from '../../tsup.config.js'

export default {
  ...shared,
  dts: { entry: ['src/index.ts', 'src/node.ts', 'src/printable.ts', 'src/tools.ts'] },
}
