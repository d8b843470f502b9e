import { serveFileUrls } from '@dlkit/corrections/file-urls'

export type { EngineDevice, EngineName } from './engine.js'
export { type EngineChoice, type UseEngineOptions, useEngine } from './use-engine.js'

serveFileUrls()
