import shared from '../../tsup.config.js'

export default { ...shared, dts: { entry: ['src/index.ts', 'src/browser.ts'] } }
