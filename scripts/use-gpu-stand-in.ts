// The tests of a project run on a GPU for which processors stand in.
import { gpuStandInVariables } from './gpu-stand-in.js'

Object.assign(process.env, await gpuStandInVariables())
