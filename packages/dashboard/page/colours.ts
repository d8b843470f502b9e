import { useEffect, useState } from 'preact/hooks'

const COLOURS = 8

/** The custom property with the colour of a run; it stays while the choice of runs does. */
export function colourOf(chosen: readonly string[], id: string): string {
  const index = chosen.indexOf(id)
  return index < 0 ? '--rule' : `--series-${(index % COLOURS) + 1}`
}

/** Runs of one colour differ in their dashes. */
export function dashOf(chosen: readonly string[], id: string): number[] {
  const round = Math.floor(Math.max(0, chosen.indexOf(id)) / COLOURS)
  return round === 0 ? [] : [2 + 3 * round, 3]
}

/** The value of a custom property, for a canvas. */
export function colour(property: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(property).trim()
}

/** Changes when the page turns dark or light, so that a canvas is drawn again. */
export function useScheme(): boolean {
  const dark = matchMedia('(prefers-color-scheme: dark)')
  const [isDark, setDark] = useState(dark.matches)
  useEffect(() => {
    const listen = () => setDark(dark.matches)
    dark.addEventListener('change', listen)
    return () => dark.removeEventListener('change', listen)
  }, [dark])
  return isDark
}
