import type { ScalerAxis } from './batches.js'

/** Reads the fields of a saved state one by one; every mismatch is an error that names the field. */
export class StateReader {
  private readonly fields: Record<string, unknown>

  constructor(
    private readonly name: string,
    state: unknown,
  ) {
    if (typeof state !== 'object' || state === null || Array.isArray(state)) {
      const got = Array.isArray(state) ? 'an array' : state === null ? 'null' : `a ${typeof state}`
      const fix = typeof state === 'string' ? 'Pass JSON.parse(text).' : 'Pass what toJSON() returned.'
      throw new TypeError(`${name}: expected a state object, got ${got}. ${fix}`)
    }
    this.fields = state as Record<string, unknown>
  }

  kind(expected: string): void {
    const { kind } = this.fields
    if (kind !== expected) this.refuse('kind', `"${expected}"`, kind, 'Use scalerFromJSON to pick the class')
  }

  version(): void {
    const { version } = this.fields
    if (version !== 1) this.refuse('version', '1', version, 'The state was written by another version')
  }

  axis(): ScalerAxis {
    const { axis } = this.fields
    if (axis === 'channel' || axis === 'all') return axis
    return this.refuse('axis', '"channel" or "all"', axis)
  }

  count(): number {
    const { count } = this.fields
    if (Number.isSafeInteger(count) && (count as number) > 0) return count as number
    return this.refuse('count', 'a positive integer', count)
  }

  /** A list of finite numbers, `length` of them where given and otherwise at least one. */
  numbers(field: string, length?: number): number[] {
    const value = this.fields[field]
    const rule = length ? `${length} finite number${length > 1 ? 's' : ''}` : 'a list of finite numbers'
    const valid = Array.isArray(value) && value.length > 0 && value.every(Number.isFinite)
    if (!valid || value.length !== (length ?? value.length)) return this.refuse(field, rule, value)
    return [...(value as number[])]
  }

  refuse(
    field: string,
    rule: string,
    got: unknown,
    fix = 'The state is damaged; fit again or restore it',
  ): never {
    const shown = typeof got === 'number' ? String(got) : JSON.stringify(got)
    throw new RangeError(`${this.name}: expected ${field} to be ${rule}, got ${shown}. ${fix}.`)
  }
}
