// Owns how an AIAuthPolicy becomes a key set: which Secret is whose key, whose tokens are taken. No key value leaves
// this file, only digests.
import { hash } from 'node:crypto'
import type { RefProblem } from '../../api/findings.ts'
import type { AIAuthPolicy } from '../../api/generated/ai-auth-policy.ts'
import { parseSecretValue, readSecretId } from '../../api/parse-secret-value.ts'
import { readNamespace, type Secret } from '../../api/resource.ts'
import type { Allowance, Consumer, KeySet } from '../../routing/key-set.ts'
import { compileIssuers } from '../jwt/compile.ts'
import { compileConsumerLimits } from '../limits/compile.ts'

/** Where the policy's namespace is looked up in; Secrets come in the order of their names. */
export type SecretLookup = Readonly<{
  find(namespace: string, name: string): Secret | undefined
  select(namespace: string, labels: Readonly<Record<string, string>>): readonly Secret[]
}>

export type CompiledKeySet = Readonly<{ keySet: KeySet; references: readonly RefProblem[]; notes: readonly string[] }>

const consumerAnnotation = 'ai.example.com/consumer'

/** One presented key, before its value is known to be usable. */
type Candidate = Readonly<{ consumer: string; secretId: string; entry: string; secret: Secret | undefined }>

/** A key that can't be read is left out alone, with a line in `references`; the others work. */
export function compileKeySet(policy: AIAuthPolicy, secrets: SecretLookup): CompiledKeySet {
  const references: RefProblem[] = []
  const notes: string[] = []
  const consumerByDigest = new Map<string, string>()
  for (const { consumer, secretId, entry, secret } of listCandidates(policy, secrets)) {
    const { value, problem } = parseSecretValue(secret, secretId, entry)
    if (problem !== null) {
      references.push(problem)
      continue
    }
    const digest = digestKey(value)
    if (digest === null) {
      references.push({
        reason: 'InvalidSecret',
        message: `entry ${entry} of Secret ${secretId} is not sha256:<64 hex digits> of a key`,
      })
      continue
    }
    const first = consumerByDigest.get(digest)
    if (first === undefined) consumerByDigest.set(digest, consumer)
    else if (first !== consumer)
      notes.push(`the key of Secret ${secretId} is ${first}'s already, ${consumer} does not get it`)
  }
  const keys = [...consumerByDigest].map(([digest, consumer]) => ({ digest, consumer }))
  const id = readPolicyId(policy)
  const defaults = compileAllowance(policy.spec.defaults ?? {}, `${id}/defaults`)
  const consumers = listConsumers(policy, keys, defaults)
  const issuers = compileIssuers(policy.spec.jwt)
  return { keySet: { id, consumers, defaults, keys, issuers }, references, notes }
}

function listCandidates(policy: AIAuthPolicy, secrets: SecretLookup): readonly Candidate[] {
  const namespace = readNamespace(policy)
  const candidates: Candidate[] = []
  for (const { consumer, secretRef } of policy.spec.apiKeys ?? []) {
    const secret = secrets.find(namespace, secretRef.name)
    candidates.push({ consumer, secretId: `${namespace}/${secretRef.name}`, entry: secretRef.key, secret })
  }
  const selector = policy.spec.apiKeySelector
  if (selector === undefined) return candidates
  for (const secret of secrets.select(namespace, selector.matchLabels)) {
    const consumer = secret.metadata.annotations?.[consumerAnnotation] ?? secret.metadata.name
    candidates.push({ consumer, secretId: readSecretId(secret), entry: selector.key, secret })
  }
  return candidates
}

/** What `printf "$UNSET" | sha256sum` makes: nobody's key. */
const digestOfNothing = hash('sha256', '')

/**
 * SHA-256 of what the caller presents, as hex; a value that is stored as its digest is taken as it is, `SHA256:` too:
 * taken for a key, a digest would open what it is to keep closed.
 */
function digestKey(value: string): string | null {
  if (!/^sha256:/i.test(value)) return hash('sha256', value)
  const digest = value.slice('sha256:'.length).toLowerCase()
  return /^[0-9a-f]{64}$/.test(digest) && digest !== digestOfNothing ? digest : null
}

/** Those the policy names in its order, then those only a key names: `defaults` is for them. */
function listConsumers(policy: AIAuthPolicy, keys: KeySet['keys'], defaults: Allowance): readonly Consumer[] {
  const consumers = new Map<string, Consumer>()
  for (const spec of policy.spec.consumers ?? []) {
    const { name } = spec
    consumers.set(name, { name, isNamed: true, ...compileAllowance(spec, `${readPolicyId(policy)}/${name}`) })
  }
  for (const { consumer } of keys) {
    if (!consumers.has(consumer)) consumers.set(consumer, { name: consumer, isNamed: false, ...defaults })
  }
  return [...consumers.values()]
}

function compileAllowance(spec: NonNullable<AIAuthPolicy['spec']['defaults']>, ownerId: string): Allowance {
  return { models: spec.models ?? null, limits: compileConsumerLimits(spec, ownerId) }
}

function readPolicyId(policy: AIAuthPolicy): string {
  return `${readNamespace(policy)}/${policy.metadata.name}`
}
