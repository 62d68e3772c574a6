// The one pino instance: JSON lines on stdout through an asynchronous, bounded buffer, or readable lines when a
// person watches a terminal. A blocked stdout must never block a request (H10).

import { type DestinationStream, destination, type Logger, pino } from 'pino'
import { readTimestamp } from './timestamp.ts'

export type { Logger } from 'pino'

// pino's destination takes bytes in this content mode; its types know of text only.
declare module 'sonic-boom' {
  interface SonicBoom {
    write(bytes: Buffer): boolean
  }
}

export type LoggerOptions = Readonly<{ level: string; format: 'json' | 'pretty' }>

/** Takes one finished line, line end included. */
export type LineWriter = (line: string) => void

export type LogOutput = Readonly<{
  logger: Logger
  /** For lines that are JSON already; null where lines are made readable, or would not be shown. */
  writeLine: LineWriter | null
  /** Writes what is buffered; called before the process ends. */
  flush(): void
}>

/** Log lines are held at most this long, so that a person tailing them sees them come. */
const flushIntervalMs = 100
const maxBufferedBytes = 8 * 1024 * 1024

export async function createLogger(options: LoggerOptions): Promise<LogOutput> {
  if (options.format === 'pretty') {
    const { PinoPretty } = await import('pino-pretty')
    const pretty: DestinationStream = PinoPretty({
      colorize: process.stdout.isTTY === true,
      ignore: 'pid,hostname',
      translateTime: 'HH:MM:ss.l',
      singleLine: true,
    })
    return { logger: pino({ level: options.level }, pretty), writeLine: null, flush: () => {} }
  }
  // As bytes: measuring and joining text costs three times what encoding each line does.
  const output = destination({
    fd: 1,
    sync: false,
    contentMode: 'buffer',
    minLength: 32_768,
    maxWrite: 65_536,
    maxLength: maxBufferedBytes,
  })
  const writeLine: LineWriter = (line) => output.write(Buffer.from(line))
  // A reader that went away (EPIPE) is no reason to stop serving.
  output.on('error', () => {})
  const timer = setInterval(() => output.flush(), flushIntervalMs)
  timer.unref()
  const logger = pino(
    {
      level: options.level,
      base: null,
      timestamp: () => `,"time":"${readTimestamp()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: writeLine },
  )
  return {
    logger,
    writeLine: logger.isLevelEnabled('info') ? writeLine : null,
    flush: () => {
      clearInterval(timer)
      try {
        output.flushSync()
      } catch {
        // Nothing buffered, or nobody reads: either way there is nothing left to do.
      }
    },
  }
}
