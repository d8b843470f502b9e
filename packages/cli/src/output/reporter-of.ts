import { JsonReporter } from './json-reporter.js'
import type { OutputOptions } from './output.js'
import type { Reporter } from './reporter.js'
import { TextReporter } from './text-reporter.js'

/** Who tells about a training: JSON lines, or text for people. */
export function reporterOf({ json, quiet }: OutputOptions): Reporter {
  return json ? new JsonReporter() : new TextReporter(process.stdout, quiet)
}
