// What an attempt is told, and what it says in the end.
import type { Failure } from './classify-failure.ts'
import type { Exchange } from './exchange.ts'
import type { Admission } from './health/member-health.ts'
import type { Relay } from './relay.ts'
import type { UpstreamHead } from './upstream-head.ts'

/** `failed`: nothing of an answer has gone to the client. */
export type AttemptResult = Readonly<{ kind: 'done' }> | Readonly<{ kind: 'failed'; failure: Failure }>

/** Chooses a relay by the head; throws GatewayError to refuse the answer (nothing sent yet). */
export type ChooseRelay = (head: UpstreamHead) => Relay

/** An error answer may be passed on or given up for another try: true gives it up. Asked once, before it is passed on. */
export type OfferFailure = (failure: Failure) => boolean

export type AttemptOptions = Readonly<{
  admission: Admission
  /** Not on a connection that was used before. */
  isFresh: boolean
  /** performance.now() of the absolute end. */
  totalEndsAt: number
  chooseRelay: ChooseRelay
  offerFailure: OfferFailure
  /** As `Exchange.onCancel`. */
  onCancel: Exchange['onCancel']
  /** Called before anything of a good answer is passed on. */
  onGoodHead?: () => void
}>
