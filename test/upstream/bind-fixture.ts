// A bound table from manifests, with no gateway around it: nothing is dialled, chance can be repeated.
import { parseAllDocuments } from 'yaml'
import type { ResourceSet } from '../../src/api/resource-set.ts'
import { compile } from '../../src/compiler/compile.ts'
import { TokenBinder } from '../../src/policies/jwt/token-index.ts'
import { bindTable } from '../../src/server/bind-table.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { Backends } from '../../src/upstream/backends.ts'
import type { BoundMember, BoundRoute, BoundTable } from '../../src/upstream/bound-route.ts'
import type { ConnectorOptions } from '../../src/upstream/connector.ts'
import { type PickContext, type PickSubject, pickMember } from '../../src/upstream/pick-member.ts'
import { buildResourceSet } from '../compiler/read-case.ts'
import { createRandom } from '../routing/pick-fixture.ts'

const noOptions: ConnectorOptions = { isAddressAllowed: () => true, resolve: [], simulator: null }

/** Binds one world after another, each as the successor of the one before. */
export function createBinder(options: Partial<ConnectorOptions> = {}) {
  const backends = new Backends({ ...noOptions, ...options })
  const metrics = createMetrics()
  const tokens = new TokenBinder({
    openKeys: () => ({ current: null, problem: null, retryAfterSeconds: 1, refresh: () => null }),
    now: Date.now,
  })
  let previous: BoundTable | null = null
  return {
    backends,
    bind(world: string | ResourceSet): BoundTable {
      const resources = typeof world === 'string' ? readWorld(world) : world
      const compiled = compile({ resources, lastGood: null })
      previous = bindTable(compiled, 1, previous, { backends, metrics, tokens, random: createRandom(11) })
      return previous
    },
  }
}

export function readWorld(yaml: string): ResourceSet {
  return buildResourceSet(parseAllDocuments(yaml).map((document): unknown => document.toJS()))
}

export function findRoute(table: BoundTable, id: string): BoundRoute {
  const route = table.routes.get(id)
  if (route === undefined) throw new Error(`no route ${id}`)
  return route
}

export function findMember(route: BoundRoute, key: string): BoundMember {
  const member = route.tiers.flat().find((candidate) => candidate.key === key)
  if (member === undefined) throw new Error(`no member ${key}`)
  return member
}

export const nobody: PickSubject = {
  caller: null,
  clientAddress: '192.0.2.1',
  head: null,
  requestBytes: null,
  prompt: null,
  neededTokens: 0,
}

export type AskOptions = Partial<Omit<PickContext, 'exchange'>> & Readonly<{ exchange?: Partial<PickSubject> }>

/** The key of who is picked. */
export function ask(route: BoundRoute, { exchange = {}, ...rest }: AskOptions = {}): string | null {
  const context = { tried: [], excluded: [], now: 1_000, ...rest, exchange: { ...nobody, ...exchange } }
  return pickMember(route, context)?.key ?? null
}

/** How often each is picked. */
export function count(route: BoundRoute, picks: number, options: AskOptions = {}): Record<string, number> {
  const counts: Record<string, number> = {}
  for (let at = 0; at < picks; at++) {
    const key = ask(route, options) ?? 'none'
    counts[key] = (counts[key] ?? 0) + 1
  }
  return counts
}
