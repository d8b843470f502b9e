// AssemblyScript; scripts/build-wasm.ts compiles it into src/line-art/weighted-sums.wasm.ts.

/**
 * Writes sums of lines of floats that begin at the offsets, weighted by their distance from the middle one: 16 sums at
 * a time, as many as there are places to add in. All positions are in bytes.
 *
 * @param values where the lines are
 * @param offsets of `2 * radius + 1` lines from there
 * @param weights `radius + 1` of them, from the middle outwards
 * @param sums where `length` sums go, rounded up to 16
 */
export function addWeighted(
  values: usize,
  offsets: usize,
  weights: usize,
  radius: usize,
  sums: usize,
  length: usize,
): void {
  const middle = values + load<u32>(offsets + 4 * radius)
  const centre = v128.load32_splat(weights)
  for (let x: usize = 0; x < 4 * length; x += 64) {
    let first = f32x4.mul(centre, v128.load(middle + x))
    let second = f32x4.mul(centre, v128.load(middle + x, 16))
    let third = f32x4.mul(centre, v128.load(middle + x, 32))
    let fourth = f32x4.mul(centre, v128.load(middle + x, 48))
    for (let distance: usize = 1; distance <= radius; distance++) {
      const weight = v128.load32_splat(weights + 4 * distance)
      const before = values + load<u32>(offsets + 4 * (radius - distance)) + x
      const after = values + load<u32>(offsets + 4 * (radius + distance)) + x
      first = f32x4.add(first, f32x4.mul(weight, f32x4.add(v128.load(before), v128.load(after))))
      second = f32x4.add(second, f32x4.mul(weight, f32x4.add(v128.load(before, 16), v128.load(after, 16))))
      third = f32x4.add(third, f32x4.mul(weight, f32x4.add(v128.load(before, 32), v128.load(after, 32))))
      fourth = f32x4.add(fourth, f32x4.mul(weight, f32x4.add(v128.load(before, 48), v128.load(after, 48))))
    }
    v128.store(sums + x, first)
    v128.store(sums + x, second, 16)
    v128.store(sums + x, third, 32)
    v128.store(sums + x, fourth, 48)
  }
}
