/** Reads the fields of saved JSON one by one; every mismatch is an error that names the field. */
export class StateReader {
  private readonly fields: Record<string, unknown>

  constructor(
    private readonly name: string,
    state: unknown,
    private readonly path = '',
  ) {
    if (typeof state !== 'object' || state === null || Array.isArray(state)) {
      const got = Array.isArray(state) ? 'an array' : state === null ? 'null' : typeof state
      const fix = typeof state === 'string' ? 'Pass JSON.parse(text).' : 'Pass what toJSON() returned.'
      throw new TypeError(
        `${name}: expected ${path.slice(0, -1) || 'state'} to be an object, got ${got}. ${fix}`,
      )
    }
    this.fields = state as Record<string, unknown>
  }

  get(field: string): unknown {
    return this.fields[field]
  }

  /** Everything but one field. */
  without(field: string): Record<string, unknown> {
    const { [field]: _, ...others } = this.fields
    return others
  }

  object(field: string): StateReader {
    return new StateReader(this.name, this.fields[field], `${this.path}${field}.`)
  }

  objects(field: string): StateReader[] {
    const value = this.fields[field]
    if (!Array.isArray(value) || value.length === 0) return this.refuse(field, 'a list', value)
    return value.map((item, index) => new StateReader(this.name, item, `${this.path}${field}[${index}].`))
  }

  exactly(field: string, expected: unknown, fix: string): void {
    const value = this.fields[field]
    if (value !== expected) this.refuse(field, JSON.stringify(expected), value, fix)
  }

  boolean(field: string): boolean {
    const value = this.fields[field]
    return typeof value === 'boolean' ? value : this.refuse(field, 'true or false', value)
  }

  /** A finite number, no less than `from`. */
  number(field: string, from = Number.NEGATIVE_INFINITY): number {
    const value = this.fields[field]
    if (typeof value === 'number' && Number.isFinite(value) && value >= from) return value
    return this.refuse(field, from === 0 ? 'a number from 0' : 'a finite number', value)
  }

  /** Finite numbers, `length` of them where given. */
  numbers(field: string, length?: number): Float64Array {
    const value = this.fields[field]
    const rule = length === undefined ? 'a list of finite numbers' : `${length} finite numbers`
    if (!Array.isArray(value) || !value.every(Number.isFinite) || value.length !== (length ?? value.length)) {
      return this.refuse(field, rule, value)
    }
    return Float64Array.from(value)
  }

  strings(field: string): string[] {
    const value = this.fields[field]
    if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return [...value]
    return this.refuse(field, 'a list of names', value)
  }

  refuse(
    field: string,
    rule: string,
    got: unknown,
    fix = 'The state is damaged; fit again or restore it',
  ): never {
    const json = typeof got === 'number' ? String(got) : (JSON.stringify(got) ?? 'undefined')
    const shown = json.length > 80 ? `${json.slice(0, 80)}…` : json
    throw new RangeError(`${this.name}: expected ${this.path}${field} to be ${rule}, got ${shown}. ${fix}.`)
  }
}
