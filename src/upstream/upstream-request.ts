// One HTTP request to a backend, ready to be sent.
import type { Readable } from 'node:stream'
import type { ServedMethod } from '../wire/request-head.ts'

export type UpstreamRequest = Readonly<{
  method: ServedMethod
  path: string
  /** Flat name/value pairs, `host` among them. */
  headers: string[]
  body: Buffer | Readable | null
}>
