import type { TrialSettings } from './train-trial.js'

/** The module that trains trials with these settings. */
export function objectiveUrl(settings: TrialSettings): URL {
  const url = new URL(`./trial-objective.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url)
  url.searchParams.set('settings', JSON.stringify(settings))
  return url
}
