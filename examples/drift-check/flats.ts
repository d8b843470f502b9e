/** A flat, and what it is let for. */
export interface Flat {
  area: number
  rooms: number
  floor: number
  builtIn: number
  rent: number
}

/** Made-up flats in m² and euros; the same seed gives the same ones. */
export function makeFlats(count: number, seed: number): Flat[] {
  let state = seed
  const random = () => {
    state = (state * 48271) % 2147483647
    return state / 2147483647
  }
  return Array.from({ length: count }, () => {
    const area = Math.round(25 + 110 * random() * random())
    const rooms = Math.max(1, Math.round(area / 28 + random() - 0.5))
    const floor = Math.floor(random() * 8)
    const builtIn = Math.round(1930 + 90 * random())
    const rent = 150 + 11 * area + 40 * rooms + 6 * floor + 2.5 * (builtIn - 1930) + 60 * (random() - 0.5)
    return { area, rooms, floor, builtIn, rent }
  })
}
