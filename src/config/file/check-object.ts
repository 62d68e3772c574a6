// One object of a manifest → a resource, a rejected object, or nothing of ours. Pure but for the environment it is
// given; what depends on other objects (the same name twice, generations) is build-world.ts's.
import { isRecord } from '../../is-record.ts'
import { readNetworkObject } from '../read-network-object.ts'
import type { ResourceValidator } from '../validation/resource-validator.ts'
import type { FieldProblem } from '../validation/validation-problem.ts'
import type { AnyResource } from './collect-resources.ts'
import type { ManifestObject } from './parse-manifest.ts'
import { findUnknownMetadata, type ObjectIdentity, readIdentity } from './read-identity.ts'
import { readSecret } from './read-secret.ts'

export type LocatedProblem = FieldProblem & Readonly<{ line: number }>

export type CheckedObject = Readonly<{
  line: number
  identity: ObjectIdentity
  /** The object without status, defaults filled in; null when `problems` say why not. */
  resource: AnyResource | null
  /** As written; null for a Secret, whose values stay here. */
  raw: unknown
  problems: readonly LocatedProblem[]
}>

export type CheckResult =
  | Readonly<{ outcome: 'object'; object: CheckedObject }>
  /** Of a kind that is no concern of ours. */
  | Readonly<{ outcome: 'foreign' }>
  /** No kind or no name: nothing that can be rejected by name. */
  | Readonly<{ outcome: 'nameless'; problems: readonly LocatedProblem[] }>

export type CheckOptions = Readonly<{ validator: ResourceValidator; environment: NodeJS.ProcessEnv }>

/**
 * Parses and validates one object. Any problem leaves it without a resource; an unknown field is one
 * (docs/decisions/2026-11-22-unknown-fields-in-files.md).
 */
export function checkObject(written: ManifestObject, { validator, environment }: CheckOptions): CheckResult {
  const value = dropStatus(written.value)
  const found = validator.validate(value)
  const network = readNetworkObject(value)
  const isKnown = found.resource !== null || found.secret !== null || network !== null
  if (!isKnown && found.problems.length === 0) return { outcome: 'foreign' }
  const problems: FieldProblem[] = [...found.problems, ...findUnknownMetadata(value)]
  const identity = readIdentity(value)
  if (identity === null) return { outcome: 'nameless', problems: locate(written, problems) }
  let resource: AnyResource | null = found.resource ?? network
  if (found.secret !== null) {
    const read = readSecret(found.secret, environment)
    problems.push(...read.problems)
    resource = read.secret
  }
  const isUsable = resource !== null && problems.length === 0
  return {
    outcome: 'object',
    object: {
      line: written.line,
      identity,
      resource: isUsable && resource !== null ? { ...resource, metadata: identity.metadata } : null,
      raw: identity.kind === 'Secret' ? null : value,
      problems: locate(written, problems),
    },
  }
}

/** The status in a file (from `kubectl get -o yaml`) is somebody else's past. */
function dropStatus(value: unknown): unknown {
  if (!isRecord(value)) return value
  const { status: _status, ...rest } = value
  return rest
}

function locate(written: ManifestObject, problems: readonly FieldProblem[]): readonly LocatedProblem[] {
  return problems
    .map(({ path, reason }) => ({ path, reason, line: written.lineOf(path) }))
    .sort((one, other) => one.line - other.line)
}
