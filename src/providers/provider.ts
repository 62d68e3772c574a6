// What a provider is to the rest of the gateway: its wire rules as data and pure functions. No I/O here or below.
import type { Operation } from './operation.ts'

export type Provider = Readonly<{
  /** The value of `spec.modelProvider`. */
  name: string
  /** False: named by the contract, its wire format not spoken by this version. Nothing is sent to it. */
  isSupported: boolean
  /** Base address with its version segment, or null where every user has their own. */
  defaultEndpoint: string | null
  /** The header that carries an API key, and what stands before the key. */
  credential: Readonly<{ header: string; prefix: string }>
  /**
   * May a streamed chat or completion be asked for its usage by `stream_options`? False: the vendor refuses that field,
   * or reports always, so that asking would only hide from clients what they get without us.
   */
  canAskUsage: boolean
  /** Path after the endpoint's base path, with its leading slash; null: the provider has no such operation. */
  operationPath(operation: Operation): string | null
}>
