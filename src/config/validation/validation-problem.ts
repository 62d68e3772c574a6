// What validation has to say of one field of one object, and how the place is written.

export type ValidationRule =
  /** Types, bounds, enums, patterns, what is required, duplicates. */
  | 'schema'
  /** A field that the schema does not have. The API server prunes it; kubectl warns of it. */
  | 'unknown-field'
  /** An `x-kubernetes-validations` rule; the reason is its message. */
  | 'cel'
  /** No such kind or version, or an object that is none. */
  | 'kind'

export type FieldProblem = Readonly<{
  /** `spec.backends[0].weight`; empty: the object as a whole. */
  path: string
  /** Readable, close to the API server's words, without the path. Never a Secret's value. */
  reason: string
}>

export type ValidationProblem = FieldProblem & Readonly<{ rule: ValidationRule }>

/** `spec` + `path` → `spec.path`; keys that are no plain words go in brackets: `spec.nodeSelector["a/b"]`. */
export function appendField(path: string, name: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_-]*$/.test(name)) return `${path}[${JSON.stringify(name)}]`
  return path === '' ? name : `${path}.${name}`
}

export function appendIndex(path: string, index: number): string {
  return `${path}[${index}]`
}
