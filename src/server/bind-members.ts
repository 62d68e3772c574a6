// Of one target of a route's pool: where its requests go and what they all carry. One member, or one for each address.
import { providers } from '../providers/index.ts'
import { parsePricing } from '../routing/money.ts'
import type { PoolMember, Route, SecretValues, Target, Timeouts } from '../routing/table.ts'
import { defaultTimeouts } from '../settings.ts'
import type { Backends } from '../upstream/backends.ts'
import type { AttemptTimeouts, BoundMember } from '../upstream/bound-route.ts'
import type { Authorizer } from '../upstream/credentials/authorizer.ts'
import { readEditedNames } from './read-edited-names.ts'

/** One, or one for each address where they are known. */
export function bindMembers(
  route: Route,
  member: PoolMember,
  target: Target,
  secrets: SecretValues,
  backends: Backends,
): readonly BoundMember[] {
  const { endpoint, credential } = target
  const timeouts = mergeTimeouts(route.timeouts, target.timeouts)
  const fixed = new Map<string, string>([['host', endpoint.authority]])
  for (const { name, value } of [...target.headers.set, ...route.requestHeaders.set]) fixed.set(name, value)
  let authorizer: Authorizer | null = null
  let ownKey: string | null = null
  if (credential !== null) {
    const secret = secrets.get(credential.secretId)
    if (secret === undefined) throw new Error(`no secret for ${target.id}`)
    if (credential.kind === 'header') {
      fixed.set(credential.header, credential.prefix + secret)
      ownKey = secret
    } else {
      authorizer = backends.authorizers.get(credential, secret, target)
    }
  }
  const shared = {
    target,
    provider: target.provider === null ? null : (providers.get(target.provider) ?? null),
    prices: target.pricing === null ? null : parsePricing(target.pricing),
    timeouts,
    secret: ownKey,
    authorizer,
    fixedHeaders: [...fixed].flat(),
    withheldHeaders: new Set([
      ...readEditedNames(target.headers),
      ...readEditedNames(route.requestHeaders),
      ...(credential?.kind === 'header' ? [credential.header] : []),
    ]),
  }
  const addresses = backends.pools.isOverridden(endpoint) ? undefined : endpoint.addresses
  const share =
    addresses === undefined || addresses.length < 2 ? member : { ...member, weight: member.weight / addresses.length }
  return (addresses ?? [null]).map((address) => {
    const key = address === null ? target.id : `${target.id} ${address}`
    return {
      ...shared,
      key,
      member: share,
      address,
      pool: backends.pools.get(endpoint, timeouts.connectMs, address),
      // A target that was mended begins anew: what is known is of the endpoint that it had.
      state: backends.states.get(`${key} ${endpoint.protocol}//${endpoint.authority}${endpoint.basePath}`, key),
    }
  })
}

function mergeTimeouts(route: Timeouts, target: Timeouts): AttemptTimeouts {
  return {
    connectMs: route.connectMs ?? target.connectMs ?? defaultTimeouts.connectMs,
    firstByteMs: route.firstByteMs ?? target.firstByteMs ?? defaultTimeouts.firstByteMs,
    idleMs: route.idleMs ?? target.idleMs ?? defaultTimeouts.idleMs,
    totalMs: route.totalMs ?? target.totalMs ?? defaultTimeouts.totalMs,
  }
}
