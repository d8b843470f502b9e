import type { LayerReading, Reading, Summary, VariableReading } from '../reading.js'

/** A variable or layer with its network in front, when there are several networks. */
export function fullName({ network, name }: { network: string; name: string }): string {
  return network === '' ? name : `${network}/${name}`
}

export type WithGradient = VariableReading & { gradient: Summary }

/** Variables whose gradient was measured, from the last one to the first, the way in which gradients flow. */
export function withGradients({ variables }: Reading): WithGradient[] {
  return variables
    .filter(
      (variable): variable is WithGradient =>
        variable.gradient !== undefined && variable.gradient !== 'missing',
    )
    .reverse()
}

/** `√Σ‖g‖²` over all variables of each network, in the order in which they were attached. */
export function gradientNorms(reading: Reading): Map<string, number> {
  const squares = new Map<string, number>()
  for (const { network, gradient } of withGradients(reading).reverse()) {
    squares.set(network, (squares.get(network) ?? 0) + gradient.norm ** 2)
  }
  return new Map([...squares].map(([network, sum]) => [network, Math.sqrt(sum)]))
}

/** Number of inputs of one unit of a kernel: product of all sizes but the last. */
export function fanIn(shape: readonly number[]): number {
  return shape.slice(0, -1).reduce((product, size) => product * size, 1)
}

/** Hidden layers with an activation of the kinds. */
export function hiddenLayers({ layers }: Reading, ...kinds: LayerReading['activation'][]): LayerReading[] {
  return layers.filter(({ activation, output }) => !output && kinds.includes(activation))
}
