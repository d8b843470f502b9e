/** CIE L*a*b* of sRGB under D65: lightness 0 to 100, green-red, blue-yellow. */
export type Lab = readonly [lightness: number, a: number, b: number]

const linear = Float64Array.from({ length: 256 }, (_, byte) => {
  const value = byte / 255
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
})
const [WHITE_X, WHITE_Z] = [0.95047, 1.08883]

/** CIELAB of an sRGB colour of three bytes (IEC 61966-2-1, white D65). */
export function labOf(red: number, green: number, blue: number): Lab {
  const [r, g, b] = [linear[red]!, linear[green]!, linear[blue]!]
  const x = root((0.412453 * r + 0.35758 * g + 0.180423 * b) / WHITE_X)
  const y = root(0.212671 * r + 0.71516 * g + 0.072169 * b)
  const z = root((0.019334 * r + 0.119193 * g + 0.950227 * b) / WHITE_Z)
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)]
}

function root(t: number): number {
  return t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116
}

/** Distance in CIELAB (CIE 1976): about 2 is seen side by side. */
export function deltaE76(p: Lab, q: Lab): number {
  return Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2])
}

const degrees = Math.PI / 180

/** CIEDE2000 with all weights 1 (Sharma, Wu and Dalal 2005, equations 2 to 22). */
export function deltaE2000(p: Lab, q: Lab): number {
  const meanChroma = (Math.hypot(p[1], p[2]) + Math.hypot(q[1], q[2])) / 2
  const stretch = 1 + 0.5 * (1 - Math.sqrt(meanChroma ** 7 / (meanChroma ** 7 + 25 ** 7)))
  const [pa, qa] = [stretch * p[1], stretch * q[1]]
  const [pc, qc] = [Math.hypot(pa, p[2]), Math.hypot(qa, q[2])]
  const [ph, qh] = [hue(pa, p[2]), hue(qa, q[2])]

  const isGrey = pc * qc === 0
  const turn = isGrey ? 0 : qh - ph
  const dh = turn > 180 ? turn - 360 : turn < -180 ? turn + 360 : turn
  const dHue = 2 * Math.sqrt(pc * qc) * Math.sin((dh / 2) * degrees)
  const sum = ph + qh
  const h = isGrey ? sum : Math.abs(ph - qh) <= 180 ? sum / 2 : sum < 360 ? (sum + 360) / 2 : (sum - 360) / 2

  const lightness = (p[0] + q[0]) / 2
  const chroma = (pc + qc) / 2
  const cosine = (angle: number) => Math.cos(angle * degrees)
  const t =
    1 - 0.17 * cosine(h - 30) + 0.24 * cosine(2 * h) + 0.32 * cosine(3 * h + 6) - 0.2 * cosine(4 * h - 63)
  const middle = (lightness - 50) ** 2
  const l = (q[0] - p[0]) / (1 + (0.015 * middle) / Math.sqrt(20 + middle))
  const c = (qc - pc) / (1 + 0.045 * chroma)
  const d = dHue / (1 + 0.015 * chroma * t)
  const rotation =
    -2 *
    Math.sqrt(chroma ** 7 / (chroma ** 7 + 25 ** 7)) *
    Math.sin(60 * Math.exp(-(((h - 275) / 25) ** 2)) * degrees)
  return Math.sqrt(Math.max(0, l * l + c * c + d * d + rotation * c * d))
}

function hue(a: number, b: number): number {
  const angle = Math.atan2(b, a) / degrees
  return angle < 0 ? angle + 360 : angle
}
