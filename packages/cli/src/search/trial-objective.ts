// The objective of `dlkit tune` and `dlkit worker`, loaded in the process of each trial. Its URL carries the settings.
import { join } from 'node:path'
import type { TrialContext } from '@dlkit/search'
import { chooseEngine } from '../actions/choose-engine.js'
import { type TrialSettings, trainTrial } from './train-trial.js'

const settings = JSON.parse(new URL(import.meta.url).searchParams.get('settings')!) as TrialSettings

export default async function objective({
  params,
  folder,
  signal,
  report,
  settings: shared,
}: TrialContext): Promise<number> {
  await chooseEngine(settings.engine)
  return trainTrial({ ...settings, ...shared, params, out: join(folder, 'run'), signal, report })
}
