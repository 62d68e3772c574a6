// Owns the targets behind model names: endpoint, credential and CA of each object, its Secrets read live.
import { hash } from 'node:crypto'
import { parseSecretDocument, parseSecretValue, readSecretText } from '../api/parse-secret-value.ts'
import type { SecretLookup } from '../policies/authentication/compile.ts'
import { checkCredential } from '../providers/check-credential.ts'
import type { Endpoint, Target, TargetCredential } from '../routing/table.ts'
import { isModel, type Member, type NameClaim, type NameClaims } from './claim-model-names.ts'
import { compilePricing } from './compile-pricing.ts'
import type { DeploymentSubject, ModelSubject } from './index-resources.ts'
import type { ServiceLookup } from './index-services.ts'
import { describeInternal } from './parsed.ts'
import { createReuse } from './reuse.ts'
import { addInvalid, addReference } from './status-draft.ts'

export type Targets = Readonly<{
  list: readonly Target[]
  /** By object key; objects without a usable target of their own are absent. */
  byObject: ReadonlyMap<string, Target>
  secrets: ReadonlyMap<string, string>
}>

const noHeaders: Target['headers'] = Object.freeze({ set: Object.freeze([]), remove: Object.freeze([]) })

const reuseTarget = createReuse<Target>()

export function compileTargets(claims: NameClaims, lookup: SecretLookup, services: ServiceLookup): Targets {
  const byObject = new Map<string, Target>()
  const secrets = new Map<string, string>()
  for (const claim of claims.values()) {
    const ids = new Set(claim.members.filter(isModel).map(({ id }) => id))
    for (const member of claim.members) {
      try {
        const target = isModel(member)
          ? compileModelTarget(member, lookup, secrets)
          : compileDeploymentTarget(member, claim, ids.has(member.id))
        if (target !== null) byObject.set(member.key, reuseTarget(member.parts, services.locate(target)))
      } catch (error) {
        addInvalid(member.draft, describeInternal(error))
      }
    }
  }
  return { list: [...byObject.values()], byObject, secrets }
}

/** Null: the object has nothing that a request could be sent to, which its draft or its pool's says. */
function compileModelTarget(model: ModelSubject, lookup: SecretLookup, secrets: Map<string, string>): Target | null {
  const { spec } = model.resource
  const { endpoint, parameters, headers, timeouts } = model.parts
  if (endpoint === null) return null
  const credential = resolveCredential(model, endpoint, lookup, secrets)
  const trusted = resolveCa(model, endpoint, lookup)
  if (credential === undefined || trusted === null) return null
  return {
    id: model.id,
    provider: spec.modelProvider,
    endpoint: trusted,
    upstreamModel: spec.upstreamModel ?? spec.modelName,
    modelName: spec.modelName,
    modelType: spec.modelType,
    credential,
    parameters,
    pricing: compilePricing(spec.pricing),
    maxOutputTokens: spec.limits?.maxOutputTokens ?? null,
    contextWindowTokens: spec.limits?.contextWindowTokens ?? null,
    unsupportedParameters: spec.unsupportedParameters,
    ...(spec.apiVersion !== undefined && { apiVersion: spec.apiVersion }),
    headers,
    timeouts,
  }
}

/** Null: none is asked for. Undefined: it can't be had, and nothing may be sent without it. */
function resolveCredential(
  model: ModelSubject,
  endpoint: Endpoint,
  lookup: SecretLookup,
  secrets: Map<string, string>,
): TargetCredential | null | undefined {
  const { credentials } = model.resource.spec
  if (credentials === undefined) return null
  const { secretRef, type } = credentials
  if (secretRef === undefined || !model.parts.takesCredential) return undefined
  const { name, key } = secretRef
  const secretId = `${model.namespace}/${name}`
  const parse = type === 'APIKey' ? parseSecretValue : parseSecretDocument
  const { value, problem } = parse(lookup.find(model.namespace, name), secretId, key)
  const flaw = problem === null ? checkCredential(type, value, endpoint.hostname) : null
  if (problem !== null || flaw !== null) {
    const what = problem?.message ?? `entry ${key} of Secret ${secretId} is no ${type} credential: ${flaw}`
    const message = `spec.credentials.secretRef: ${what}; nothing is sent to this endpoint`
    addReference(model.draft, problem?.reason ?? 'InvalidSecret', message)
    return undefined
  }
  const id = `${secretId}#${key}@${hash('sha256', value).slice(0, 16)}`
  secrets.set(id, value)
  return type === 'APIKey'
    ? { kind: 'header', ...model.parts.credentialHeader, secretId: id }
    : { kind: type, secretId: id }
}

/** Null: the CA that the spec asks for can't be had. */
function resolveCa(model: ModelSubject, endpoint: Endpoint, lookup: SecretLookup): Endpoint | null {
  const caRef = model.resource.spec.tls?.caRef
  if (caRef === undefined || endpoint.tls === null) return endpoint
  const secretId = `${model.namespace}/${caRef.name}`
  const secret = lookup.find(model.namespace, caRef.name)
  const caPem = secret === undefined ? null : readSecretText(secret, caRef.key)
  if (caPem?.includes('-----BEGIN CERTIFICATE-----')) return { ...endpoint, tls: { ...endpoint.tls, caPem } }
  const what = secret === undefined ? 'does not exist' : `has no PEM certificate in its entry ${caRef.key}`
  const reason = secret === undefined || caPem === null ? 'RefNotFound' : 'InvalidSecret'
  addReference(model.draft, reason, `spec.tls.caRef: Secret ${secretId} ${what}; nothing is sent to this endpoint`)
  return null
}

function compileDeploymentTarget(config: DeploymentSubject, claim: NameClaim, isIdTaken: boolean): Target {
  const { spec } = config.resource
  const face = findFace(claim.members)
  return {
    // An AIModel of the same name in the same namespace has the plain id.
    id: isIdTaken ? `${config.id} LLMModelConfig` : config.id,
    provider: config.parts.provider,
    endpoint: config.parts.endpoint,
    upstreamModel: spec.upstreamModel ?? spec.modelName,
    modelName: spec.modelName,
    modelType: claim.modelType,
    credential: null,
    parameters: face?.parts.parameters ?? {},
    pricing: compilePricing(spec.pricing ?? face?.resource.spec.pricing),
    maxOutputTokens: spec.limits?.maxOutputTokens ?? face?.resource.spec.limits?.maxOutputTokens ?? null,
    contextWindowTokens: spec.limits?.contextWindowTokens ?? face?.resource.spec.limits?.contextWindowTokens ?? null,
    unsupportedParameters: face?.resource.spec.unsupportedParameters ?? 'Refuse',
    headers: noHeaders,
    timeouts: config.parts.timeouts,
  }
}

/** An AIModel without an address of its own is the face of the deployments of its name: its defaults and prices are theirs. */
function findFace(members: readonly Member[]): ModelSubject | undefined {
  return members.filter(isModel).find(({ parts }) => parts.endpoint === null)
}
