import { useEffect, useState } from 'preact/hooks'
import type { Series } from '../src/wire.js'
import { type Points, pointsOf } from './points.js'
import { getJson } from './server.js'

/** The points inside a part of the steps, finer than the whole curve has them; empty until they have come. */
export function useDetail(
  runs: readonly string[],
  metric: string,
  range: readonly [number, number] | undefined,
  smoothing: number,
): Map<string, Points> {
  const [detail, setDetail] = useState(new Map<string, Points>())
  const key = range ? [runs.join(), ...range, smoothing].join() : ''
  useEffect(() => {
    if (!range) {
      setDetail(new Map())
      return
    }
    let isWanted = true
    const [from, to] = range
    const query = new URLSearchParams({
      metric,
      from: String(Math.floor(from)),
      to: String(Math.ceil(to)),
      smoothing: String(smoothing),
    })
    const ask = async (id: string) =>
      [id, pointsOf(await getJson<Series>(`/api/runs/${id}/series?${query}`))] as const
    Promise.all(runs.map(ask)).then(
      (entries) => isWanted && setDetail(new Map(entries)),
      () => {}, // The whole curve stays.
    )
    return () => {
      isWanted = false
    }
  }, [key])
  return detail
}
