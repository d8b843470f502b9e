/** Specs that are not run, each with the reason. */
export const exclusions: Record<string, string> = {}
