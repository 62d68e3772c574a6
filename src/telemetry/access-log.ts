// One line an exchange. Holds no key, no prompt, no query string: paths and names only.
import type { Exchange } from '../upstream/exchange.ts'
import type { Logger } from './logger.ts'

export type AccessLog = (exchange: Exchange, durationMs: number, overheadMs: number) => void

const maxPathLength = 256

export function createAccessLog(logger: Logger): AccessLog {
  return (exchange, durationMs, overheadMs) => {
    const { head, error, usage, caller, member, route } = exchange
    const status = exchange.finalStatus
    const line: Record<string, unknown> = {
      requestId: exchange.id,
      method: head?.method ?? exchange.request.method,
      path: (head?.path ?? '').slice(0, maxPathLength),
      status,
      durationMs: round(durationMs),
      overheadMs: round(overheadMs),
      clientAddress: exchange.clientAddress,
    }
    if (route !== null) line.route = route.route.id
    if (member !== null) {
      line.target = member.target.id
      line.provider = member.target.provider ?? 'service'
      line.attempts = exchange.attempts
    }
    if (exchange.operation !== null) line.operation = exchange.operation
    if (exchange.requestedModel !== null) line.model = exchange.requestedModel.slice(0, maxPathLength)
    if (caller !== null) line.consumer = caller.consumer
    if (exchange.firstByteMs !== null) line.firstByteMs = round(exchange.firstByteMs)
    if (exchange.streamOutcome !== null) line.stream = exchange.streamOutcome
    if (usage !== null) {
      line.inputTokens = usage.input
      line.outputTokens = usage.output
    }
    line.bytesOut = exchange.bytesOut
    line.generation = exchange.bound.generation
    if (error === null) {
      logger.info(line, 'request')
      return
    }
    line.code = error.code
    line.owner = error.entry.owner
    if (error.message !== error.entry.publicText) line.detail = error.message
    if (error.code === 'internal_error') line.cause = error.cause instanceof Error ? error.cause.stack : undefined
    if (status >= 500) logger.warn(line, 'request')
    else logger.info(line, 'request')
  }
}

function round(ms: number): number {
  return Math.round(ms * 100) / 100
}
