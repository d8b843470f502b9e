import { fileURLToPath } from 'node:url'

/** The folder of the weights, for `loadColorizer` of `@dlkit/gan-colorize`. */
export const weightsFolder = fileURLToPath(new URL('../weights', import.meta.url))
