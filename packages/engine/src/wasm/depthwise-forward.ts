import { convolutionInfo } from './convolution.js'
import { input, type Kernel } from './kernel-tools.js'

/**
 * Depthwise convolution by the backend's own kernel. With padding "same" and a filter shorter than the stride it
 * fails and returns whatever the memory held; the same padding in numbers works.
 */
export const depthwiseConv2dNative =
  (original: Kernel): Kernel =>
  ({ backend, inputs, attrs }) => {
    if (attrs.pad !== 'same') return original({ backend, inputs, attrs })
    const info = convolutionInfo(input(inputs, 'x').shape, input(inputs, 'filter').shape, attrs, 'depthwise')
    const { top, bottom, left, right } = info.padInfo
    const pad = [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ]
    return original({ backend, inputs, attrs: { ...attrs, pad } })
  }
