// One line an exchange. Holds no key, no prompt, no query string: paths and names only.
import type { Logger } from './logger.ts'

/** What is known of an ended exchange. Absent fields are left out of the line. */
export type AccessRecord = Readonly<{
  requestId: string
  method: string
  path: string
  status: number
  durationMs: number
  /** Time in Sluice: backend and body excluded. */
  overheadMs: number
  clientAddress: string
  route?: string | undefined
  target?: string | undefined
  provider?: string | undefined
  attempts?: number | undefined
  operation?: string | undefined
  model?: string | undefined
  consumer?: string | undefined
  firstByteMs?: number | undefined
  stream?: string | undefined
  inputTokens?: number | undefined
  outputTokens?: number | undefined
  bytesIn: number
  bytesOut: number
  generation: number
  code?: string | undefined
  owner?: string | undefined
  /** Internal words on the error; for the person on call. */
  detail?: string | undefined
  cause?: string | undefined
}>

export type AccessLog = (record: AccessRecord) => void

export function createAccessLog(logger: Logger): AccessLog {
  return (record) => {
    if (record.status >= 500) logger.warn(record, 'request')
    else logger.info(record, 'request')
  }
}
