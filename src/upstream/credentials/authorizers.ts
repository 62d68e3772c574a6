// All authorizers of the process, keyed by credential (kind, secret with its digest, endpoint), so that a token outlives
// the tables that name it. What no bound table names any more is closed.
import type { Target, TargetCredential } from '../../routing/table.ts'
import type { Authorizer } from './authorizer.ts'

/** Whatever is more than a header. */
export type ExpiringCredential = Exclude<TargetCredential, { readonly kind: 'header' }>

export type CreateAuthorizer = (credential: ExpiringCredential, secret: string, target: Target) => Authorizer

export class Authorizers {
  readonly #create: CreateAuthorizer
  readonly #authorizers = new Map<string, Authorizer>()

  constructor(create: CreateAuthorizer) {
    this.#create = create
  }

  /** `secret`: the text that `credential.secretId` names. Never throws: a bad secret is told by `authorize`. */
  get(credential: ExpiringCredential, secret: string, target: Target): Authorizer {
    const key = `${credential.kind} ${credential.secretId} ${target.endpoint.authority}${target.endpoint.basePath}`
    let authorizer = this.#authorizers.get(key)
    if (authorizer === undefined) {
      authorizer = this.#create(credential, secret, target)
      this.#authorizers.set(key, authorizer)
    }
    return authorizer
  }

  /** Closes every authorizer that is not in `inUse`. */
  sweep(inUse: ReadonlySet<Authorizer>): void {
    for (const [key, authorizer] of this.#authorizers) {
      if (inUse.has(authorizer)) continue
      this.#authorizers.delete(key)
      authorizer.close()
    }
  }

  close(): void {
    this.sweep(new Set())
  }
}
