// What a provider is to the rest of the gateway: its wire rules as data and pure functions. No I/O here or below.
import type { ChatCodec, UnaryCodec } from './codec.ts'
import type { Operation } from './operation.ts'

/** The value of `spec.credentials.type`. */
export type CredentialType = 'APIKey' | 'AWS' | 'GCP' | 'Azure'

export const apiKeyOnly: ReadonlySet<CredentialType> = new Set<CredentialType>(['APIKey'])

/** What is known of one call when its path is made. */
export type Call = Readonly<{
  /** The model name that is sent. */
  model: string
  isStream: boolean
  /** The endpoint's own path, without a trailing slash: `/v1`, or empty. */
  basePath: string
  /** The most output tokens of one answer, where the model's object says; null: unknown. */
  maxOutputTokens: number | null
  /** The version of the provider's API that the model's object asks for; none: the provider's own choice. */
  apiVersion?: string | null
}>

export type Provider = Readonly<{
  /** The value of `spec.modelProvider`. */
  name: string
  /** Base address with its version segment, or null where every user has their own. */
  defaultEndpoint: string | null
  /** The header that carries an API key, and what stands before the key. */
  credential: Readonly<{ header: string; prefix: string }>
  /** Which kinds of credentials it takes. */
  credentialTypes: ReadonlySet<CredentialType>
  /** Flat name/value pairs that it wants with every request, where the client sends none of that name. */
  requiredHeaders: readonly string[]
  /**
   * May a streamed chat or completion be asked for its usage by `stream_options`? False: the vendor refuses that field,
   * or reports always, so that asking would only hide from clients what they get without us.
   */
  canAskUsage: boolean
  /**
   * Operations it has in the client's own format, whose bytes pass (but see `dropForeign`): the path after the endpoint's base path,
   * with its leading slash and, where it needs one, its query. Null: it has no such operation, or another format for it.
   */
  operationPath(operation: Operation, call: Call): string | null
  /**
   * Fields of a client's body that would lead to another model than the one that is authorised: refused (D2). Left out:
   * it has none.
   */
  steeringFields?: ReadonlySet<string>
  /**
   * May a default of the model's object be put into a body whose bytes pass? `readHeader`: of the client's request, by a
   * lower-case name. False: it is left out, and named. Left out: any may.
   */
  takesDefault?(name: string, readHeader: (name: string) => string | null): boolean
  /**
   * What other providers have left in a conversation, and this one refuses, out of a body whose bytes pass otherwise.
   * `dropped`: its path, null where something was only written otherwise. Null: there is no such thing. Left out: it
   * refuses nothing.
   */
  dropForeign?(operation: Operation, body: Buffer): Readonly<{ body: Buffer; dropped: string | null }> | null
  /** Why it can't have a model of this name, as far as the name says; null: nothing says so. Left out: any name will do. */
  findModelProblem?(model: string): string | null
  /** How it talks; for the conversations it has no client's format for. Null: it has no chat. */
  chat: ChatCodec | null
  /** Single questions and answers that it has in a format of its own. */
  unary: Readonly<Partial<Record<Operation, UnaryCodec>>>
}>
