// What the table becomes in this process: routes and targets with their pools, keys and instruments at hand.
import type { KeyIndex } from '../policies/authentication/enforce.ts'
import type { Operation } from '../providers/operation.ts'
import type { Provider } from '../providers/provider.ts'
import type { ModelIndex } from '../routing/model-index.ts'
import type { TokenPrices } from '../routing/money.ts'
import type { PathMatch } from '../routing/path-router.ts'
import type { Strategy } from '../routing/strategies/strategy.ts'
import type { ModelEntry, PoolMember, Route, RoutingTable, Target } from '../routing/table.ts'
import type { ExchangeSeries } from '../telemetry/exchange-series.ts'
import type { ConnectionPool } from './connection-pool.ts'
import type { Authorizer } from './credentials/authorizer.ts'
import type { Hedging } from './hedge/hedging.ts'
import type { MemberState } from './member-state.ts'
import type { ReadHash } from './read-hash.ts'
import type { RetryBudget } from './retry/retry-budget.ts'

/** Resolved timers of one route onto one target. Milliseconds; 0 = none. */
export type AttemptTimeouts = Readonly<{ connectMs: number; firstByteMs: number; idleMs: number; totalMs: number }>

export type BoundMember = Readonly<{
  /** The target's id and, where it has several addresses, the address: the same in every table. */
  key: string
  /** Of a target with several addresses each has its share of the weight. */
  member: PoolMember
  target: Target
  /** `ip:port`; null: the endpoint's hostname is looked up. */
  address: string | null
  /** Null: a plain service. */
  provider: Provider | null
  /** Null: what it uses costs nothing that is known. */
  prices: TokenPrices | null
  timeouts: AttemptTimeouts
  pool: ConnectionPool
  state: MemberState
  /** Its own key, to be hidden in what its backend says; null: it has none, or one that expires. */
  secret: string | null
  /** Null: its credential is in `fixedHeaders`, or it has none. */
  authorizer: Authorizer | null
  /** Flat name/value pairs every request to this target carries: host, credential, what the configuration sets. */
  fixedHeaders: readonly string[]
  /** Lower-case names that are never copied from the client: removed, or set above. */
  withheldHeaders: ReadonlySet<string>
}>

export type BoundRoute = Readonly<{
  route: Route
  /** Members of weight over 0 by priority, best first. */
  tiers: readonly (readonly BoundMember[])[]
  /** The most tokens that an answer of any member may have; null where one of them doesn't say. */
  longestAnswer: number | null
  /** One for each tier: chooses among its members. */
  strategies: readonly Strategy[]
  /** What requests are kept together by; null: the strategy does not ask. */
  readHash: ReadHash | null
  /** The smallest context window of any member; null: none says. */
  smallestWindow: number | null
  /** Null: anybody may call. */
  keys: KeyIndex | null
  /** Flat name/value pairs added to every answer. */
  responseHeaders: readonly string[]
  withheldResponseHeaders: ReadonlySet<string>
  /** The route's `retry.conditions`. */
  retryOn: ReadonlySet<string>
  retryBudget: RetryBudget
  /** Null: the route does not ask for it. */
  hedging: Hedging | null
  series: ExchangeSeries
}>

export type BoundModel = Readonly<{ entry: ModelEntry; route: BoundRoute }>

/** What a path leads to. */
export type Destination =
  | Readonly<{ kind: 'route'; route: BoundRoute }>
  | Readonly<{ kind: 'operation'; operation: Operation }>
  | Readonly<{ kind: 'models' }>

export type BoundTable = Readonly<{
  table: RoutingTable
  /** Counts published tables of this process. */
  generation: number
  find(hostname: string, path: string): PathMatch<Destination> | null
  routes: ReadonlyMap<string, BoundRoute>
  /** Keys by combination of key sets (ids joined by line feeds), for the next table to reuse. */
  keyIndexes: ReadonlyMap<string, KeyIndex>
  /** Public models by requested name. */
  models: ModelIndex<BoundModel>
  publicModels: readonly BoundModel[]
  /** Keys of every key set that a Public model's route accepts, for the shared surface, where the model is not known yet. */
  sharedKeys: KeyIndex
  /** Some Public model asks for no key. */
  hasAnonymousModel: boolean
}>
