import '@tensorflow/tfjs-layers' // brings the gradients of tfjs-core's operations
import { hasCompiler } from '@dlkit/testing'
import { builtOperators } from './built-operators.js'
import { describeWeightUpdates } from './weight-updates.js'

builtOperators()
if (hasCompiler) describeWeightUpdates(true)
