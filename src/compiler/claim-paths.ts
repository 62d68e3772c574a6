// Owns which route has which path. Decided before anything else is made of a route: a loser is not served at all.
import type { RouteMatch } from '../routing/table.ts'
import type { BrokenRoute, RouteSubject } from './index-resources.ts'
import { compareAge } from './order.ts'
import { readBrokenMatch } from './read-broken-match.ts'

export type Claimed<R> = Readonly<{ route: R; match: RouteMatch }>

export type PathClaims = Readonly<{
  routes: readonly Claimed<RouteSubject>[]
  brokenRoutes: readonly Claimed<BrokenRoute>[]
  /** Whether an AIGatewayRoute answers this prefix for every host. */
  hasHostlessPrefix(path: string): boolean
}>

type Rival = RouteSubject | BrokenRoute

/** Oldest first; a loser with several hostnames loses only those, and all when none is left. */
export function claimPaths(routes: readonly RouteSubject[], brokenRoutes: readonly BrokenRoute[]): PathClaims {
  const winners = new Map<string, string>()
  const claim = <R extends Rival>(route: R, match: RouteMatch): Claimed<R> | null => {
    const hosts = match.hostnames.length === 0 ? [''] : match.hostnames
    const lost = new Map<string, string>()
    for (const host of hosts) {
      const slot = `${match.pathType}\n${match.path}\n${host}`
      const winner = winners.get(slot)
      if (winner === undefined) winners.set(slot, route.id)
      else lost.set(host, winner)
    }
    if (lost.size === 0) return { route, match }
    const kept = match.hostnames.filter((host) => !lost.has(host))
    const what = [...lost]
      .map(([host, winner]) => `${host}${match.path} belongs to ${winner}, which is older`)
      .join('; ')
    const problem = { reason: 'PathConflict', message: `spec.path: ${what}` } as const
    if (kept.length === 0) {
      route.draft.conflict = problem
      return null
    }
    route.draft.degraded.push(problem)
    return { route, match: { ...match, hostnames: kept } }
  }

  const served = new Map<string, Claimed<RouteSubject>>()
  const broken = new Map<string, Claimed<BrokenRoute>>()
  for (const route of [...routes, ...brokenRoutes].sort(compareAge)) {
    if ('parts' in route) {
      const claimed = claim(route, route.parts.match)
      if (claimed !== null) served.set(route.id, claimed)
    } else {
      const match = readBrokenMatch(route.rawSpec)
      const claimed = match === null ? null : claim(route, match)
      if (claimed !== null) broken.set(route.id, claimed)
    }
  }
  return {
    routes: routes.flatMap((route) => served.get(route.id) ?? []),
    brokenRoutes: brokenRoutes.flatMap((route) => broken.get(route.id) ?? []),
    hasHostlessPrefix: (path) => winners.has(`Prefix\n${path}\n`),
  }
}
