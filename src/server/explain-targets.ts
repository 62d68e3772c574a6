// What /explain says of a route's targets: which are in service, which are passed over and why, and how picks would fall.
import type { Caller } from '../policies/authentication/caller.ts'
import { createStrategy } from '../routing/pick-target.ts'
import type { PoolMember, Target } from '../routing/table.ts'
import type { BoundMember, BoundRoute, BoundTable } from '../upstream/bound-route.ts'
import { chooseMember } from '../upstream/pick-member.ts'
import { listForbiddenMembers } from './authenticate.ts'
import { bindCandidates } from './bind-candidates.ts'

/** So many picks are tried out. */
const trials = 1_000

/** `neededTokens`: 0 for not said. In the order of the pool. Changes nothing. */
export function explainTargets(
  bound: BoundTable,
  route: BoundRoute,
  caller: Caller | null,
  neededTokens: number,
): readonly object[] {
  const now = performance.now()
  const forbidden = listForbiddenMembers(caller, route)
  const shares = tryOut(route, caller, forbidden, neededTokens, now)
  const targets = new Map(bound.table.targets.map((target) => [target.id, target]))
  const all = route.tiers.flat()
  return route.route.pool.flatMap((pooled) => {
    const target = targets.get(pooled.targetId)
    if (target === undefined) return []
    const members = all.filter((member) => member.target.id === target.id && member.member.priority === pooled.priority)
    const picks = members.reduce((sum, member) => sum + (shares.get(member) ?? 0), 0)
    const passedOver = picks > 0 ? null : findReason(pooled, members, forbidden, neededTokens, now)
    return [
      {
        id: target.id,
        provider: target.provider,
        url: `${target.endpoint.protocol}//${target.endpoint.authority}${target.endpoint.basePath}`,
        upstreamModel: target.upstreamModel ?? target.modelName,
        weight: pooled.weight,
        priority: pooled.priority,
        ...(members[0] === undefined ? {} : { timeouts: members[0].timeouts }),
        contextWindowTokens: target.contextWindowTokens,
        isInService: members.some((member) => isInService(member, now)),
        pickShare: picks / trials,
        passedOver,
        ...describeMembers(target, members, now),
      },
    ]
  })
}

/** How many of the next picks each would get: by the strategies' own word, on copies of what they remember. */
function tryOut(
  route: BoundRoute,
  caller: Caller | null,
  excluded: readonly BoundMember[],
  neededTokens: number,
  now: number,
): ReadonlyMap<BoundMember, number> {
  const { type } = route.route.strategy
  const copy: BoundRoute = {
    ...route,
    strategies: route.tiers.map((tier, at) => createStrategy(type, bindCandidates(tier), route.strategies[at])),
  }
  const counts = new Map<BoundMember, number>()
  for (let at = 0; at < trials; at++) {
    // Where nothing but the caller is known, each trial is another client's request.
    const exchange = { caller, clientAddress: `${at}`, head: null, requestBytes: null, prompt: null, neededTokens }
    const member = chooseMember(copy, { exchange, tried: [], excluded, now })
    if (member !== null) counts.set(member, (counts.get(member) ?? 0) + 1)
  }
  return counts
}

/** Null: nothing keeps it out but the strategy's choice. */
function findReason(
  { weight, priority }: PoolMember,
  members: readonly BoundMember[],
  forbidden: readonly BoundMember[],
  neededTokens: number,
  now: number,
): string | null {
  const [first] = members
  if (weight === 0) return 'its weight is 0'
  if (first === undefined) return 'no address of its Service is ready'
  if (forbidden.includes(first)) return 'this caller may not use it'
  const window = first.target.contextWindowTokens
  if (window !== null && window < neededTokens) return `its context window of ${window} tokens is too small`
  if (!members.some((member) => isInService(member, now))) return 'it rests, and another is in service'
  return priority > 0 ? 'one of a better priority, or the strategy, comes first' : 'the strategy prefers another'
}

function describeMembers(target: Target, members: readonly BoundMember[], now: number): object {
  if (target.endpoint.addresses === undefined || members[0]?.address === null) {
    return members[0] === undefined ? {} : describeState(members[0], now)
  }
  return { addresses: members.map((member) => ({ address: member.address, ...describeState(member, now) })) }
}

function describeState({ state }: BoundMember, now: number): object {
  const { active, firstByteMs, restsUntil, restReason } = state
  const rests = restsUntil > now
  return {
    active,
    firstByteMs: firstByteMs === 0 ? null : Math.round(firstByteMs * 10) / 10,
    ...(rests && { restsUntil: new Date(Date.now() + restsUntil - now).toISOString(), restReason }),
  }
}

function isInService({ state }: BoundMember, now: number): boolean {
  return state.restsUntil <= now
}
