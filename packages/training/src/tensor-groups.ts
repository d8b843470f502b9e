import type * as tf from '@tensorflow/tfjs-core'

type Tensors = Readonly<Record<string, tf.Tensor>>

/**
 * Puts the tensors of several parts of a run under one roof, for a checkpoint: `{ adam: { iterations } }` becomes
 * `{ 'adam/iterations' }`. The same tensors; nothing is made or disposed.
 *
 * @throws {RangeError} when the name of a group has a slash.
 */
export function joinGroups(groups: Readonly<Record<string, Tensors>>): Record<string, tf.Tensor> {
  const joined: Record<string, tf.Tensor> = {}
  for (const [group, tensors] of Object.entries(groups)) {
    if (group === '' || group.includes('/')) {
      throw new RangeError(`joinGroups: expected group names without "/", got "${group}". Rename the group.`)
    }
    for (const [name, tensor] of Object.entries(tensors)) joined[`${group}/${name}`] = tensor
  }
  return joined
}

/** The tensors of one group of {@link joinGroups} under their own names; none when there is no such group. */
export function takeGroup(tensors: Tensors, group: string): Record<string, tf.Tensor> {
  const prefix = `${group}/`
  return Object.fromEntries(
    Object.entries(tensors).flatMap(([name, tensor]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), tensor]] : [],
    ),
  )
}
