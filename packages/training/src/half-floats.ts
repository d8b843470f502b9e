/*
 * Floating point numbers of 16 bits, as bits. float16: 5 bits of exponent and 10 of mantissa; bfloat16: the upper half of a
 * float32. To 16 bits they are rounded to the nearest, halfway to the even one, as PyTorch does.
 */

export type HalfType = 'float16' | 'bfloat16'

/** All numbers of 16 bits are float32, too. */
export function fromHalf(type: HalfType, bits: Uint16Array): Float32Array {
  const values = new Float32Array(bits.length)
  const words = new Uint32Array(values.buffer)
  for (const [i, half] of bits.entries()) {
    if (type === 'bfloat16') words[i] = half << 16
    else values[i] = fromFloat16(half)
  }
  return values
}

/** What is too large becomes infinite. */
export function toHalf(type: HalfType, values: Float32Array): Uint16Array {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length)
  const bits = new Uint16Array(values.length)
  for (const [i, word] of words.entries()) {
    if (Number.isNaN(values[i])) bits[i] = ((word >>> 16) & 0x8000) | (type === 'float16' ? 0x7e00 : 0x7fc0)
    else
      bits[i] =
        type === 'float16' ? toFloat16(values[i]!, word) : (word + 0x7fff + ((word >>> 16) & 1)) >>> 16
  }
  return bits
}

function fromFloat16(half: number): number {
  const sign = half & 0x8000 ? -1 : 1
  const exponent = (half >>> 10) & 0x1f
  const mantissa = half & 0x3ff
  if (exponent === 0x1f) return mantissa ? Number.NaN : sign * Number.POSITIVE_INFINITY
  if (exponent === 0) return sign * mantissa * 2 ** -24
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15)
}

function toFloat16(value: number, word: number): number {
  const sign = (word >>> 16) & 0x8000
  const size = Math.abs(value)
  if (size >= 65_520) return sign | 0x7c00
  // Exponent of the last place: that of the number, or of those below 2⁻¹⁴, which share one.
  const exponent = Math.max(((word >>> 23) & 0xff) - 127, -14)
  const places = roundToEven(size / 2 ** (exponent - 10))
  // Places of a full mantissa are 1024 to 2048: what is rounded up carries into the exponent.
  return sign | (places + (exponent + 14) * 1024)
}

/** Numbers below 2¹² with a rest of few bits: all of this is exact. */
function roundToEven(x: number): number {
  const below = Math.floor(x)
  const rest = x - below
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below
}
