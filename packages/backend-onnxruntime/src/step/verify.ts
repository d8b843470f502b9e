import { engine, type Optimizer, type Tensor, type TensorContainer, tensor_util } from '@tensorflow/tfjs-core'

/** Does the same step twice from the same variables. @throws {Error} naming what the two ways leave different. */
export function agreeing<Result extends TensorContainer>(
  byProgram: () => Result,
  byReplay: () => Result | undefined,
  optimizers: readonly Optimizer[],
): Result | undefined {
  const variables = Object.values(engine().registeredVariables)
  const before = variables.map((variable) => variable.clone())
  const expected = byProgram()
  const valuesOf = (result: Result) =>
    [...tensor_util.getTensorsInContainer(result), ...variables].map((tensor) => tensor.dataSync().slice())
  const expectedValues = valuesOf(expected)
  for (const [i, variable] of variables.entries()) {
    variable.assign(before[i]!)
    before[i]!.dispose()
  }
  for (const optimizer of optimizers) (optimizer as unknown as { iterations_: number }).iterations_--
  const result = byReplay()
  if (result === undefined) return undefined
  const results = tensor_util.getTensorsInContainer(expected)
  for (const [i, values] of valuesOf(result).entries()) {
    const differs = values.findIndex((value, j) => !Object.is(value, expectedValues[i]![j]))
    if (differs < 0) continue
    const what = i < results.length ? `result ${i}` : `variable ${variables[i - results.length]!.name}`
    throw new Error(
      `compileStep: expected a replay to give what the step gives, got ${values[differs]} for ` +
        `${expectedValues[i]![differs]} in ${what} at ${differs}. The step depends on more than tensors.`,
    )
  }
  for (const tensor of results) (tensor as Tensor).dispose()
  return result
}
