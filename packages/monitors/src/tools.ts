// What @dlkit/checks shares with the monitors: the wording of findings, and access to models and optimizers.
export { leafLayers, lossFunctionsOf } from './attach/hook-model.js'
export { learningRateOf, setLearningRate } from './attach/hook-optimizer.js'
export { activationOf, type WatchedVariable, watchedVariables } from './attach/network.js'
export { wrapMethod } from './attach/wrap-method.js'
export { finiteValues, format, list, percent } from './finding.js'
export { fanIn } from './rules/variables.js'
