import { useEffect, useRef } from 'preact/hooks'
import { Compare } from './compare.js'
import { Control } from './control.js'
import { Curves } from './curves.js'
import { Findings } from './findings.js'
import { Layers } from './layers.js'
import { type Live, useLive } from './live.js'
import { RunList } from './run-list.js'
import { Samples } from './samples.js'
import { Search } from './search.js'
import { type Settings, TABS, useSettings } from './settings.js'
import { System } from './system.js'
import { useDetails } from './use-details.js'

const MOST_CHOSEN = 10
/** A slider that moves asks only once. */
const PAUSE = 150

export function App({ live }: { live: Live }) {
  useLive(live)
  const [settings, change] = useSettings()
  const newest = [...live.runs].sort((a, b) => b.updated - a.updated)
  const chosen =
    settings.runs?.filter((id) => live.runs.some((run) => run.id === id)) ??
    newest.slice(0, MOST_CHOSEN).map(({ id }) => id)
  const run = live.runs.find(({ id }) => id === settings.run) ?? newest[0]
  const details = useDetails(run)

  const key = [...chosen].sort().join()
  useEffect(() => {
    const timer = setTimeout(() => live.follow(key === '' ? [] : key.split(','), settings.smoothing), PAUSE)
    return () => clearTimeout(timer)
  }, [live, key, settings.smoothing])
  useShortcuts(settings, change)

  return (
    <>
      <header>
        <h1>dlkit</h1>
        <Status live={live} />
        <System live={live} />
      </header>
      <div class="columns">
        <RunList runs={newest} chosen={chosen} run={run} change={change} />
        <main>
          <Tabs settings={settings} change={change} />
          <section role="tabpanel" id="panel" aria-labelledby={`tab-${settings.tab}`}>
            {(settings.tab === 'Curves' || settings.tab === 'Compare' || settings.tab === 'Search') && (
              <h2 class="unseen">{settings.tab}</h2>
            )}
            {settings.tab === 'Curves' && (
              <Curves live={live} chosen={chosen} settings={settings} change={change} />
            )}
            {settings.tab !== 'Curves' && settings.tab !== 'Search' && settings.tab !== 'Compare' && run && (
              <h2>
                {run.name} <Control run={run} />
              </h2>
            )}
            {settings.tab === 'Findings' && <Findings details={details} />}
            {settings.tab === 'Samples' && <Samples key={details?.id} details={details} />}
            {settings.tab === 'Layers' && <Layers details={details} step={run?.step ?? 0} />}
            {settings.tab === 'Compare' && <Compare live={live} chosen={chosen} />}
            {settings.tab === 'Search' && <Search />}
          </section>
        </main>
      </div>
      <Announcements live={live} />
    </>
  )
}

const STATUS = {
  connecting: 'connecting …',
  live: 'live',
  lost: 'connection lost, trying again …',
  refused: 'the dashboard was started anew: open the address that it printed',
}

function Status({ live }: { live: Live }) {
  return (
    <p class={`status ${live.connection}`} role="status">
      {STATUS[live.connection]}
    </p>
  )
}

interface SettingsProps {
  settings: Settings
  change: (change: Partial<Settings>) => void
}

function Tabs({ settings, change }: SettingsProps) {
  const list = useRef<HTMLDivElement>(null)
  const move = (event: KeyboardEvent) => {
    const offset = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (offset === undefined) return
    event.preventDefault()
    const buttons = [...list.current!.querySelectorAll('button')]
    const index = (buttons.indexOf(event.target as HTMLButtonElement) + offset + TABS.length) % TABS.length
    change({ tab: TABS[index]! })
    buttons[index]!.focus()
  }
  return (
    <div role="tablist" aria-label="Views" class="tabs" ref={list} onKeyDown={move}>
      {TABS.map((tab, index) => (
        <button
          key={tab}
          type="button"
          role="tab"
          id={`tab-${tab}`}
          aria-selected={tab === settings.tab}
          aria-controls="panel"
          tabIndex={tab === settings.tab ? 0 : -1}
          title={`Key ${index + 1}`}
          onClick={() => change({ tab })}
        >
          {tab}
        </button>
      ))}
    </div>
  )
}

/** 1 to 6 choose a view, l the scale, x the axis. */
function useShortcuts(settings: Settings, change: (change: Partial<Settings>) => void): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const isTyping = event.target instanceof HTMLInputElement && event.target.type !== 'checkbox'
      if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return
      const tab = TABS[Number(event.key) - 1]
      if (tab) change({ tab })
      if (event.key === 'l') change({ log: !settings.log })
      if (event.key === 'x') change({ axis: settings.axis === 'step' ? 'time' : 'step' })
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  })
}

/** New errors are read aloud, wherever the user is. */
function Announcements({ live }: { live: Live }) {
  const errors = live.runs
    .filter(({ findings }) => findings.error > 0)
    .map(({ name, findings }) => `${name}: ${findings.error}`)
  return (
    <p class="unseen" aria-live="polite">
      {errors.length > 0 && `Errors found in ${errors.join(', ')}`}
    </p>
  )
}
