import type { ConfigInput, PresetName } from '@dlkit/gan-colorize/config'

/** What a configuration file may hold: every key of the configuration, and the preset below it. */
export interface FileConfig extends ConfigInput {
  preset?: PresetName
}

/** Gives `dlkit.config.ts` completion and type checks; returns its argument. */
export function defineConfig(config: FileConfig): FileConfig {
  return config
}
