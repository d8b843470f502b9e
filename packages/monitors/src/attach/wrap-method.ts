/**
 * Replaces a method of one object and returns the function that puts things back as they were. `wrap` gets the method
 * and a function that tells whether the wrapper is still wanted: somebody may have wrapped the wrapper since, then it
 * stays in place and has to pass calls through.
 */
export function wrapMethod<T extends object, K extends keyof T>(
  target: T,
  name: K,
  wrap: (original: T[K], active: () => boolean) => T[K],
): () => void {
  const inherited = !Object.hasOwn(target, name)
  const original = target[name]
  let active = true
  const wrapper = wrap(original, () => active)
  target[name] = wrapper
  // Engines that do steps again without their program know by this that a watch tells them what it needs.
  if (typeof wrapper === 'function') Object.assign(wrapper, { [Symbol.for('dlkit.watched')]: original })
  return () => {
    active = false
    if (target[name] !== wrapper) return
    if (inherited) Reflect.deleteProperty(target, name)
    else target[name] = original
  }
}
