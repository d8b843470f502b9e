import util from 'node:util'

/** tfjs-node 4.22 calls functions that Node 22 warns of and Node 23 removed. */
export function restoreUtil(): void {
  Object.assign(util, {
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
    isArray: Array.isArray,
  })
}
