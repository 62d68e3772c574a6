// One object of a manifest → a resource, a rejected object, or nothing of ours. Pure but for the environment it is
// given; what depends on other objects (the same name twice, generations) is build-world.ts's.
import type { ObjectMeta, Resource, Secret } from '../../api/resource.ts'
import type { ManifestObject } from './parse-manifest.ts'
import { type ObjectIdentity, readIdentity } from './read-identity.ts'
import { readSecret } from './read-secret.ts'

/** `path` as in messages, `spec.backends[0].weight`; empty for the object as a whole. */
export type FieldProblem = Readonly<{ path: string; reason: string }>

export type LocatedProblem = FieldProblem & Readonly<{ line: number }>

/** What the validator of `config/validation/` offers: schema, CEL rules, defaults and pruning of one object. */
export type ObjectValidator = Readonly<{
  validate(object: unknown): Readonly<{ resource: Resource | null; problems: readonly FieldProblem[] }>
}>

export type CheckedObject = Readonly<{
  line: number
  identity: ObjectIdentity
  /** The object without status, defaults filled in; null when `problems` say why not. */
  resource: Resource | Secret | null
  /** As written; null for a Secret, whose values stay here. */
  raw: unknown
  problems: readonly LocatedProblem[]
}>

export type CheckResult =
  | Readonly<{ outcome: 'object'; object: CheckedObject }>
  | Readonly<{ outcome: 'foreign' }>
  | Readonly<{ outcome: 'nameless'; problem: LocatedProblem }>

export type CheckOptions = Readonly<{ validator: ObjectValidator; environment: NodeJS.ProcessEnv }>

/** Parses and validates one object. Any problem, an unknown field too, leaves it without a resource. */
export function checkObject(written: ManifestObject, { validator, environment }: CheckOptions): CheckResult {
  const read = readIdentity(written.value)
  if (read.outcome === 'foreign') return { outcome: 'foreign' }
  if (read.outcome === 'nameless') {
    return { outcome: 'nameless', problem: { ...read.problem, line: written.lineOf(read.problem.path) } }
  }
  const { identity, value } = read
  const locate = (problem: FieldProblem): LocatedProblem => ({
    path: problem.path,
    reason: problem.reason,
    line: written.lineOf(problem.path),
  })
  const build = (resource: Resource | Secret | null, raw: unknown, problems: readonly FieldProblem[]): CheckResult => ({
    outcome: 'object',
    object: { line: written.line, identity, resource, raw, problems: problems.map(locate) },
  })
  if (identity.problem !== null) return build(null, identity.kind === 'Secret' ? null : value, [identity.problem])
  if (identity.kind === 'Secret') {
    const { secret, problems } = readSecret(value, identity.metadata, environment)
    return build(secret, null, problems)
  }
  const { status: _status, ...object } = value
  const { resource, problems } = validator.validate({ ...object, metadata: identity.metadata })
  if (resource === null || problems.length > 0) {
    const reasons = problems.length > 0 ? problems : [{ path: '', reason: 'is not valid' }]
    return build(null, object, reasons)
  }
  return build({ ...resource, metadata: { ...identity.metadata } satisfies ObjectMeta }, object, [])
}
