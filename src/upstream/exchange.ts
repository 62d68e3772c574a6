// One client request, start to settlement: what is known of it, and the one place where it ends.
// It pins the bound table it began with; every attempt, header and log line of it reads that one.
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Dialect } from '../errors/dialect.ts'
import { errorTable } from '../errors/error-table.ts'
import type { GatewayError } from '../errors/gateway-error.ts'
import type { Caller } from '../policies/authentication/caller.ts'
import type { Usage } from '../policies/limits/enforce.ts'
import type { Charge, Hold, LimitState } from '../policies/limits/store.ts'
import type { StreamOutcome } from '../telemetry/exchange-series.ts'
import type { PromptPlace } from '../wire/hash-prompt.ts'
import type { RequestHead } from '../wire/request-head.ts'
import type { BoundMember, BoundRoute, BoundTable } from './bound-route.ts'
import type { TokenUsage } from './token-usage.ts'

/** `input` and `output`: the tokens, apart. */
export type Reserve = Usage & Readonly<{ input: number; output: number }>

/** `reserve`: what was taken of tokens and money before it was known; null where nothing was. */
export type Holding = Readonly<{ charges: readonly Charge[]; hold: Hold; reserve: Reserve | null }>

const noStates: readonly LimitState[] = Object.freeze([])

/** Shared by all exchanges of a process; changes once. */
export type Lifecycle = { isDraining: boolean }

export class Exchange {
  /** `x-request-id`: the client's own if it is sane. */
  id = ''
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly bound: BoundTable
  readonly lifecycle: Lifecycle
  /** performance.now() at the start. */
  readonly startedAt = performance.now()
  head: RequestHead | null = null
  /** The client's address, behind trusted proxies the one they vouch for. */
  clientAddress: string
  /** For a plain service's `x-forwarded-for`, `x-forwarded-proto` and `x-forwarded-host`; host null: the request's own. */
  forwardedFor = ''
  forwardedProto = 'http'
  forwardedHost: string | null = null
  route: BoundRoute | null = null
  operation: string | null = null
  /** What answers of Sluice's own are written in. */
  dialect: Dialect = 'openai'
  caller: Caller | null = null
  requestedModel: string | null = null
  /** Of every limit that applied; empty: none did, or they were not asked yet. */
  limitStates: readonly LimitState[] = noStates
  /** What is given back when the exchange is settled. */
  holding: Holding | null = null
  /** The highest share of a budget that is worth a warning, this request's reserve in it; null: none is. */
  budgetUsedPercent: number | null = null
  /** The member of the latest attempt. */
  member: BoundMember | null = null
  attempts = 0
  /** What of the request the latest target can't carry and was left out: for `x-sluice-dropped`. */
  dropped: readonly string[] = []
  isStream = false
  streamOutcome: StreamOutcome | null = null
  error: GatewayError | null = null
  /** As the backend reports it. */
  usage: TokenUsage | null = null
  /** Counts what is streamed where somebody will ask; null: nobody does, or it is no stream of text. */
  streamTokens: { readonly tokens: number } | null = null
  /** A model request's body as it came. */
  requestBytes: Buffer | null = null
  /** Where its prompt stands; null: it is no JSON, or nobody asks. */
  prompt: PromptPlace | null = null
  /** How many tokens of context it surely needs, its answer included; 0: nobody asks. */
  neededTokens = 0
  /** Milliseconds that were not ours: waiting for a backend, and for the client's body. */
  upstreamMs = 0
  bodyReadMs = 0
  firstByteMs: number | null = null
  bytesIn = 0
  /** The connection can't or shouldn't carry another request. */
  mustClose = false
  bytesOut = 0
  #cancel: ((error: GatewayError | null) => void) | null = null
  #isClosed = false
  #answerSeed: string | null = null

  constructor(request: IncomingMessage, response: ServerResponse, bound: BoundTable, lifecycle: Lifecycle) {
    this.request = request
    this.response = response
    this.bound = bound
    this.lifecycle = lifecycle
    this.clientAddress = request.socket.remoteAddress ?? ''
  }

  /** The response has closed: nothing can be written any more. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  /** What the ids of an answer that Sluice writes itself are made of: letters and digits. */
  get answerSeed(): string {
    this.#answerSeed ??= randomUUID().replaceAll('-', '')
    return this.#answerSeed
  }

  /** True when the client left before its answer was whole. */
  get isAbandoned(): boolean {
    return this.#isClosed && !this.response.writableFinished
  }

  /** What to do when the client leaves or the process must go: set by whoever waits for something upstream. */
  onCancel(cancel: ((error: GatewayError | null) => void) | null): void {
    this.#cancel = cancel
  }

  /** Ends the exchange early. Null: the client left; an error: it is told by it (drain). */
  cancel(error: GatewayError | null): void {
    const cancel = this.#cancel
    this.#cancel = null
    cancel?.(error)
  }

  markClosed(): void {
    this.#isClosed = true
  }

  /** What the log and metrics call the result: the error's status where nothing could be sent. */
  get finalStatus(): number {
    if (this.error?.code === 'client_closed') return errorTable.client_closed.status
    return this.response.headersSent ? this.response.statusCode : (this.error?.entry.status ?? this.response.statusCode)
  }
}
