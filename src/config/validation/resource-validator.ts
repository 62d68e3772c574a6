// Offline validation of whole objects, by the CRDs that a cluster has: which kind, its metadata, its spec. What depends
// on other objects is the compiler's.
import type { ObjectMeta, Resource, Secret } from '../../api/resource.ts'
import { isRecord } from '../../is-record.ts'
import { parseMetadata } from './parse-metadata.ts'
import { type CustomKind, defaultCrdFolder, readCustomKinds } from './read-custom-kinds.ts'
import { referenceGrantSchema, referenceGrantVersions } from './reference-grant-schema.ts'
import { createSpecValidator, type SpecValidator } from './spec-validator.ts'
import { suggestName } from './suggest-name.ts'
import { validateSecret } from './validate-secret.ts'
import type { ValidationProblem } from './validation-problem.ts'

export type ValidationResult = Readonly<{
  /**
   * A custom object or ReferenceGrant with defaults set, unknown fields and status gone. Null for a Secret, for a kind
   * of no concern (then without problems), and when there is any problem but unknown fields.
   */
  resource: Resource | null
  /** The same for a Secret. */
  secret: Secret | null
  problems: readonly ValidationProblem[]
}>

export interface ResourceValidator {
  /** Never throws, never changes the object. Kinds of other groups: nothing at all. */
  validate(object: unknown): ValidationResult
}

const ignored: ValidationResult = Object.freeze({ resource: null, secret: null, problems: [] })
const rootFields = ['apiVersion', 'kind', 'metadata', 'spec', 'status']

/** Loads and compiles all CRDs of the folder (the project's own, unless said otherwise): tens of milliseconds. */
export function createResourceValidator(crdFolder: string = defaultCrdFolder): ResourceValidator {
  const customKinds = readCustomKinds(crdFolder)
  const groups = new Set(customKinds.map(({ group }) => group))
  const validators = new Map<string, SpecValidator>(
    customKinds.map((custom) => [readKindKey(custom), createSpecValidator(readSpecSchema(custom))]),
  )
  const validateGrant = createSpecValidator(referenceGrantSchema)
  for (const version of referenceGrantVersions) {
    validators.set(`gateway.networking.k8s.io/${version} ReferenceGrant`, validateGrant)
  }

  return {
    validate(object) {
      if (!isRecord(object)) return rejectKind('', 'must be an object with apiVersion, kind and metadata')
      const { apiVersion, kind } = object
      if (typeof apiVersion !== 'string' || apiVersion === '') return rejectKind('apiVersion', 'Required value')
      if (typeof kind !== 'string' || kind === '') return rejectKind('kind', 'Required value')
      const isSecret = apiVersion === 'v1' && kind === 'Secret'
      const validateSpec = validators.get(`${apiVersion} ${kind}`)
      if (validateSpec === undefined && !isSecret) return rejectUnknownKind(apiVersion, kind, groups, customKinds)

      const { metadata, problems } = parseMetadata(object.metadata)
      if (validateSpec === undefined) {
        const checked = validateSecret(object, metadata ?? { name: '' })
        const all = [...problems, ...checked.problems]
        return { resource: null, secret: metadata === null ? null : checked.secret, problems: all }
      }
      return validateObject(object, { apiVersion, kind, metadata }, problems, validateSpec)
    },
  }
}

function validateObject(
  object: Readonly<Record<string, unknown>>,
  identity: Readonly<{ apiVersion: string; kind: string; metadata: ObjectMeta | null }>,
  metadataProblems: readonly ValidationProblem[],
  validateSpec: SpecValidator,
): ValidationResult {
  const unknown = Object.keys(object).filter((field) => !rootFields.includes(field))
  const checked = validateSpec(object.spec)
  const problems = [...metadataProblems, ...checked.problems, ...unknown.map(reportRootField)]
  const { apiVersion, kind, metadata } = identity
  const isUsable = metadata !== null && problems.every(({ rule }) => rule === 'unknown-field')
  return {
    resource: isUsable ? { apiVersion, kind, metadata, spec: checked.spec } : null,
    secret: null,
    problems,
  }
}

function reportRootField(field: string): ValidationProblem {
  const hint = suggestName(field, rootFields)
  const reason = hint === null ? 'unknown field' : `unknown field; did you mean ${hint}?`
  return { path: field, reason, rule: 'unknown-field' }
}

function rejectKind(path: string, reason: string): ValidationResult {
  return { resource: null, secret: null, problems: [{ path, reason, rule: 'kind' }] }
}

function rejectUnknownKind(
  apiVersion: string,
  kind: string,
  groups: ReadonlySet<string>,
  customKinds: readonly CustomKind[],
): ValidationResult {
  const [group = ''] = apiVersion.split('/')
  if (!groups.has(group)) return ignored
  const sameKind = customKinds.find((custom) => custom.kind === kind)
  if (sameKind !== undefined) {
    return rejectKind('apiVersion', `${kind} is of ${sameKind.group}/${sameKind.version}, not of ${apiVersion}`)
  }
  const known = customKinds.filter((custom) => custom.group === group).map((custom) => custom.kind)
  const hint = suggestName(kind, known)
  const hintText = hint === null ? '' : `; did you mean ${hint}?`
  return rejectKind('kind', `no kind ${kind} in ${group} (it has ${known.join(', ')})${hintText}`)
}

function readKindKey({ group, version, kind }: CustomKind): string {
  return `${group}/${version} ${kind}`
}

function readSpecSchema({ kind, schema }: CustomKind): CustomKind['schema'] {
  const spec = schema.properties.spec
  if (spec === undefined) throw new Error(`${kind}: the CRD has no spec`)
  return spec
}
