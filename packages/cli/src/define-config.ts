import type { ConfigInput } from '@dlkit/gan-colorize/config'

/** Gives `dlkit.config.ts` completion and type checks; returns its argument. */
export function defineConfig(config: ConfigInput): ConfigInput {
  return config
}
