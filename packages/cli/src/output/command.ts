import { sep } from 'node:path'

/**
 * How the user calls this command, for hints that can be typed as they stand: `dlkit` when it is installed globally,
 * `npx dlkit` in a project that has it as a dependency, `npm run dlkit --` in the repository.
 */
export function command(
  env: Readonly<Record<string, string | undefined>> = process.env,
  script = process.argv[1] ?? '',
): string {
  if (env.npm_lifecycle_event === 'dlkit') return 'npm run dlkit --'
  const isInProject = script.includes(`node_modules${sep}.bin${sep}`) || env.npm_lifecycle_event !== undefined
  return isInProject ? 'npx dlkit' : 'dlkit'
}

/** A help text with its examples as the user has to type them. */
export function asTyped(help: string): string {
  return help.replaceAll('$ dlkit', `$ ${command()}`)
}
