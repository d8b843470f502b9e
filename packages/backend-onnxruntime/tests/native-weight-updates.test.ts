import '@tensorflow/tfjs-layers' // brings the gradients of tfjs-core's operations
import { builtOperators, hasCompiler } from './built-operators.js'
import { describeWeightUpdates } from './weight-updates.js'

builtOperators()
if (hasCompiler) describeWeightUpdates(true)
