// Signed tokens as callers: of which issuer, with which keys, whose. A token seen before costs one map read; what was
// found of it holds only while its issuer's binding and keys are the very same, so a change of either takes effect at once.

import { GatewayError } from '../../errors/gateway-error.ts'
import type { Consumer, KeySet, TokenIssuer } from '../../routing/key-set.ts'
import { bindCaller, type Caller } from '../authentication/caller.ts'
import { checkAudience, checkTimes } from './check-claims.ts'
import { createInlineKeySource, type TokenKeySource } from './key-source.ts'
import { findKeys, type TokenKey, type TokenKeySet } from './parse-jwks.ts'
import { type ParsedToken, parseToken, readOwn, refuseToken } from './parse-token.ts'
import { readSubject } from './read-subject.ts'
import { SeenTokens } from './seen-tokens.ts'
import { verifySignature } from './verify-signature.ts'

/** The tokens that some key sets accept. */
export interface TokenIndex {
  /** `digest`: SHA-256 (hex) of the token. Undefined: it has to be verified. */
  findSeen(digest: string): readonly Caller[] | undefined
  /** At least one caller. Throws `invalid_api_key`, or `token_keys_unavailable` where no key was ever had. */
  verify(text: string, digest: string): Promise<readonly Caller[]>
}

export type TokenBinderOptions = Readonly<{
  /** The keys at a URI; the same object for as long as it is open. */
  openKeys: (uri: string) => TokenKeySource
  /** Milliseconds since 1970. */
  now: () => number
}>

/** One issuer of one key set. */
type BoundIssuer = Readonly<{
  issuer: TokenIssuer
  keySet: KeySet
  consumers: ReadonlyMap<string, Consumer>
  source: TokenKeySource
  /** Stands for the binding in what is remembered, which must not keep a key set alive. */
  identity: object
}>

type Finding = Readonly<{ keys: TokenKeySet; callers: readonly Caller[]; refusal: GatewayError | null }>
type Seen = Readonly<{ issuer: string; validUntilMs: number; findings: ReadonlyMap<object, Finding> }>

const nobody: readonly Caller[] = Object.freeze([])
const maxSeenPerGeneration = 16_384
/** Of a token with a longer list of models nothing is remembered: memory is bounded by the count of tokens. */
const maxSeenModels = 64

export class TokenBinder {
  readonly #options: TokenBinderOptions
  readonly #bound = new WeakMap<KeySet, readonly BoundIssuer[]>()
  readonly #inline = new WeakMap<TokenIssuer, TokenKeySource>()
  readonly #seen = new SeenTokens<Seen>(maxSeenPerGeneration)

  constructor(options: TokenBinderOptions) {
    this.#options = options
  }

  /** Null: none of them accepts tokens. */
  bind(keySets: readonly KeySet[]): TokenIndex | null {
    const byIssuer = new Map<string, readonly BoundIssuer[]>()
    for (const keySet of keySets) {
      if (keySet.issuers.length === 0) continue
      for (const bound of this.#bindKeySet(keySet)) {
        const { issuer } = bound.issuer
        byIssuer.set(issuer, [...(byIssuer.get(issuer) ?? []), bound])
      }
    }
    if (byIssuer.size === 0) return null
    return {
      findSeen: (digest) => this.#findSeen(byIssuer, digest),
      verify: (text, digest) => this.#verify(byIssuer, text, digest),
    }
  }

  #bindKeySet(keySet: KeySet): readonly BoundIssuer[] {
    const sources = keySet.issuers.map((issuer) => this.#openSource(issuer))
    const before = this.#bound.get(keySet)
    // A source that nobody used is closed, and another opened when its URI comes back.
    if (before?.every(({ source }, at) => source === sources[at])) return before
    const consumers = new Map(keySet.consumers.map((consumer) => [consumer.name, consumer]))
    const bound = keySet.issuers.flatMap((issuer, at) => {
      const source = sources[at]
      return source === undefined ? [] : [{ issuer, keySet, consumers, source, identity: {} }]
    })
    this.#bound.set(keySet, bound)
    return bound
  }

  #openSource(issuer: TokenIssuer): TokenKeySource {
    if (issuer.jwks.kind === 'uri') return this.#options.openKeys(issuer.jwks.uri)
    let source = this.#inline.get(issuer)
    if (source === undefined) {
      source = createInlineKeySource(issuer.jwks.json)
      this.#inline.set(issuer, source)
    }
    return source
  }

  #findSeen(byIssuer: ReadonlyMap<string, readonly BoundIssuer[]>, digest: string): readonly Caller[] | undefined {
    const seen = this.#seen.get(digest)
    if (seen === undefined) return undefined
    if (this.#options.now() >= seen.validUntilMs) {
      this.#seen.delete(digest)
      return undefined
    }
    let callers: readonly Caller[] = nobody
    for (const { identity, source } of byIssuer.get(seen.issuer) ?? []) {
      const finding = seen.findings.get(identity)
      if (finding === undefined || finding.keys !== source.current) return undefined
      callers = callers.length === 0 ? finding.callers : [...callers, ...finding.callers]
    }
    return callers.length === 0 ? undefined : callers
  }

  async #verify(
    byIssuer: ReadonlyMap<string, readonly BoundIssuer[]>,
    text: string,
    digest: string,
  ): Promise<readonly Caller[]> {
    const token = parseToken(text)
    const issuer = readOwn(token.claims, 'iss')
    const candidates = typeof issuer === 'string' ? byIssuer.get(issuer) : undefined
    if (typeof issuer !== 'string' || candidates === undefined) throw refuseToken('of no issuer in reach')
    const validUntilMs = checkTimes(token.claims, this.#options.now())
    const findings = new Map<object, Finding>()
    let unavailable: GatewayError | null = null
    let refusal: GatewayError | null = null
    // One after the other: of two policies with one issuer the second finds the keys that the first waited for.
    for (const bound of candidates) {
      try {
        const finding = await prove(bound, token)
        findings.set(bound.identity, finding)
        refusal ??= finding.refusal
      } catch (error) {
        if (!(error instanceof GatewayError) || error.code !== 'token_keys_unavailable') throw error
        unavailable = error
      }
    }
    const callers = [...findings.values()].flatMap((finding) => finding.callers)
    if (callers.length === 0) throw unavailable ?? refusal ?? refuseToken('refused')
    const isSmall = callers.every(({ tokenModels }) => (tokenModels?.length ?? 0) <= maxSeenModels)
    if (unavailable === null && isSmall) this.#remember(digest, { issuer, validUntilMs, findings })
    return callers
  }

  /** The same token may come by several paths, each with policies of its own. */
  #remember(digest: string, seen: Seen): void {
    const before = this.#seen.get(digest)
    const kept = before === undefined || before.findings.size >= 16 ? [] : before.findings
    this.#seen.set(digest, { ...seen, findings: new Map([...kept, ...seen.findings]) })
  }
}

/** Throws `token_keys_unavailable`; that the token is refused is a finding. */
async function prove({ issuer, keySet, consumers, source }: BoundIssuer, token: ParsedToken): Promise<Finding> {
  if (source.current === null) await source.refresh()
  let keys = requireKeys(source)
  try {
    checkAudience(token.claims, issuer)
    let candidates = findKeys(keys, token)
    if (candidates.length === 0) {
      await source.refresh()
      keys = requireKeys(source)
      candidates = findKeys(keys, token)
    }
    await verifyWithOne(token, candidates)
    const { consumer, models } = readSubject(token.claims, issuer)
    const known = consumers.get(consumer) ?? { name: consumer, isNamed: false, ...keySet.defaults }
    return { keys, callers: [bindCaller(keySet, known, models)], refusal: null }
  } catch (error) {
    if (!(error instanceof GatewayError) || error.code !== 'invalid_api_key') throw error
    return { keys, callers: nobody, refusal: error }
  }
}

function requireKeys({ current, problem, retryAfterSeconds }: TokenKeySource): TokenKeySet {
  if (current !== null) return current
  throw new GatewayError('token_keys_unavailable', `token: ${problem ?? 'its issuer’s keys are not here yet'}`, {
    retryAfterSeconds,
  })
}

/** Issuers that give no `kid` have two keys that fit while they change them. Few: each that is tried is work. */
const maxTriedKeys = 4

async function verifyWithOne(token: ParsedToken, candidates: readonly TokenKey[]): Promise<void> {
  if (candidates.length === 0) throw refuseToken('signed with no key of its issuer')
  if (candidates.length > maxTriedKeys) throw refuseToken('too many keys of its issuer fit')
  for (const [at, key] of candidates.entries()) {
    try {
      return await verifySignature(token, key)
    } catch (error) {
      if (at === candidates.length - 1) throw error
    }
  }
}
