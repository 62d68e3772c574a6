// What a process keeps of the backends it talks to, longer than any table: connections, what is known of each, and the
// credentials that expire.
import { defaultUpstreamLimits, type UpstreamLimits } from '../settings.ts'
import type { BoundMember } from './bound-route.ts'
import { ConnectionPools } from './connection-pools.ts'
import type { ConnectorOptions } from './connector.ts'
import { Authorizers } from './credentials/authorizers.ts'
import { createAuthorizer } from './credentials/create-authorizer.ts'
import { MemberStates, type ReportHealth } from './member-state.ts'

export class Backends {
  readonly pools: ConnectionPools
  readonly states: MemberStates
  readonly authorizers: Authorizers

  /** `report`: told when a backend is put out of service, and when it is back. */
  constructor(
    dialling: ConnectorOptions,
    limits: UpstreamLimits = defaultUpstreamLimits,
    report: ReportHealth = () => {},
  ) {
    this.pools = new ConnectionPools(dialling, limits.maxBusyPerEndpoint)
    this.states = new MemberStates(report, limits)
    this.authorizers = new Authorizers((credential, secret, target) =>
      createAuthorizer(credential, secret, target, dialling),
    )
  }

  /** Lets go of what only members that are not in `inUse` have: exchanges under way keep their own references. */
  sweep(inUse: readonly BoundMember[]): void {
    this.pools.sweep(new Set(inUse.map(({ pool }) => pool)))
    this.states.sweep(new Set(inUse.map(({ state }) => state)))
    this.authorizers.sweep(new Set(inUse.flatMap(({ authorizer }) => authorizer ?? [])))
  }

  close(): void {
    this.sweep([])
  }
}
