// A deep copy of JSON data, so that defaults and pruning never change what a source holds.

/** Plain data only, as YAML and JSON parsers make it. */
export function copyJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyJson)
  if (typeof value !== 'object' || value === null) return value
  const copy: Record<string, unknown> = {}
  for (const key of Object.keys(value)) {
    const field: unknown = Reflect.get(value, key)
    // A key of this name would set the prototype instead of a field. No schema has it.
    if (key === '__proto__') continue
    copy[key] = copyJson(field)
  }
  return copy
}
