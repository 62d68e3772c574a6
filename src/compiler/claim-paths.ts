// Owns which route has which path. Decided before anything else is made of a route: a loser is not served at all.
import type { RouteMatch } from '../routing/table.ts'
import type { BrokenRoute, RouteSubject } from './index-resources.ts'
import { compareAge } from './order.ts'
import { readBrokenMatch } from './read-broken-match.ts'
import { addDegraded } from './status-draft.ts'

export type Claimed<R> = Readonly<{ route: R; match: RouteMatch }>

export type PathClaims = Readonly<{
  routes: readonly Claimed<RouteSubject>[]
  brokenRoutes: readonly Claimed<BrokenRoute>[]
  /** Whether an AIGatewayRoute answers this prefix for every host. */
  hasHostlessPrefix(path: string): boolean
}>

type Rival = RouteSubject | BrokenRoute

/** Winner's id by host (empty: every host), then by path. */
type Winners = Readonly<Record<RouteMatch['pathType'], Map<string, Map<string, string>>>>

const everyHost: readonly string[] = ['']

/** Oldest first, then by name; a loser with several hostnames loses only those, and all when none is left. */
export function claimPaths(routes: readonly RouteSubject[], brokenRoutes: readonly BrokenRoute[]): PathClaims {
  const winners: Winners = { Prefix: new Map(), Exact: new Map() }
  const matches = new Map<Rival, RouteMatch>()
  for (const route of [...routes, ...brokenRoutes].sort(compareAge)) {
    const wanted = 'parts' in route ? route.parts.match : readBrokenMatch(route.rawSpec)
    const match = wanted === null ? null : claimPath(route, wanted, winners)
    if (match !== null) matches.set(route, match)
  }
  return {
    routes: listClaimed(routes, matches),
    brokenRoutes: listClaimed(brokenRoutes, matches),
    hasHostlessPrefix: (path) => winners.Prefix.get('')?.has(path) === true,
  }
}

/** What the route gets of what it wants; null: nothing. */
function claimPath(route: Rival, match: RouteMatch, winners: Winners): RouteMatch | null {
  const { path, pathType, hostnames } = match
  const lost: string[] = []
  const messages: string[] = []
  for (const host of hostnames.length === 0 ? everyHost : hostnames) {
    const winner = claimSlot(winners[pathType], host, path, route.id)
    if (winner === null) continue
    lost.push(host)
    messages.push(`${host}${path} belongs to ${winner}, which comes first`)
  }
  if (lost.length === 0) return match
  const kept = hostnames.filter((host) => !lost.includes(host))
  const message = `spec.path: ${messages.join('; ')}`
  if (kept.length === 0) {
    route.draft.conflict = { reason: 'PathConflict', message }
    // It says that an older version is served, and none is.
    route.draft.degraded = []
    return null
  }
  addDegraded(route.draft, 'PathConflict', message)
  return { path, pathType, hostnames: kept }
}

/** Null when it was free and is now the route's; else the winner's id. */
function claimSlot(byHost: Map<string, Map<string, string>>, host: string, path: string, id: string): string | null {
  let byPath = byHost.get(host)
  if (byPath === undefined) {
    byPath = new Map()
    byHost.set(host, byPath)
  }
  const winner = byPath.get(path)
  if (winner !== undefined) return winner
  byPath.set(path, id)
  return null
}

function listClaimed<R extends Rival>(routes: readonly R[], matches: ReadonlyMap<Rival, RouteMatch>): Claimed<R>[] {
  const claimed: Claimed<R>[] = []
  for (const route of routes) {
    const match = matches.get(route)
    if (match !== undefined) claimed.push({ route, match })
  }
  return claimed
}
