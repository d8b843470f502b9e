import { useEffect, useState } from 'preact/hooks'

export const TABS = ['Curves', 'Findings', 'Samples', 'Layers', 'Compare', 'Search'] as const
type Tab = (typeof TABS)[number]

/** A part of the axis that is shown. */
export type Zoom = readonly [from: number, to: number]

/** What the user has chosen. */
export interface Settings {
  tab: Tab
  axis: 'step' | 'time'
  log: boolean
  smoothing: number
  /** Runs whose curves are shown; undefined: the newest ones. */
  runs?: string[]
  /** The run that findings, samples and layers are of. */
  run?: string
}

/** Settings live in the address behind `#`, so that a reload keeps them. */
export function useSettings(): [Settings, (change: Partial<Settings>) => void] {
  const [settings, set] = useState(read)
  useEffect(() => {
    const { tab, axis, log, smoothing, runs, run } = settings
    const hash = new URLSearchParams({ tab, axis, log: String(log), smoothing: String(smoothing) })
    if (runs) hash.set('runs', runs.join(','))
    if (run) hash.set('run', run)
    history.replaceState(null, '', `#${hash}`)
  }, [settings])
  return [settings, (change) => set((before) => ({ ...before, ...change }))]
}

function read(): Settings {
  const hash = new URLSearchParams(location.hash.slice(1))
  const smoothing = Number(hash.get('smoothing'))
  const runs = hash.get('runs')
  const run = hash.get('run')
  return {
    tab: TABS.find((tab) => tab === hash.get('tab')) ?? 'Curves',
    axis: hash.get('axis') === 'time' ? 'time' : 'step',
    log: hash.get('log') === 'true',
    smoothing: smoothing >= 0 && smoothing < 1 ? smoothing : 0,
    ...(runs !== null && { runs: runs.split(',').filter(Boolean) }),
    ...(run !== null && { run }),
  }
}
