// The one pino instance: JSON lines on stdout, or readable ones when a person watches a terminal.
import { type DestinationStream, type Logger, pino } from 'pino'
import { createLogSink } from './log-sink.ts'
import { readTimestamp } from './timestamp.ts'

export type { Logger } from 'pino'

export type LoggerOptions = Readonly<{ level: string; format: 'json' | 'pretty' }>

/** Takes one finished line, line end included. */
export type LineWriter = (line: string) => void

export type LogOutput = Readonly<{
  logger: Logger
  /** For lines that are JSON already; null where lines are made readable, or would not be shown. */
  writeLine: LineWriter | null
  /** Text for a person, in its place among the lines. */
  print(text: string): void
  /** Writes what is buffered; called before the process ends. */
  flush(): void
}>

export async function createLogger(options: LoggerOptions): Promise<LogOutput> {
  if (options.format === 'pretty') {
    const { PinoPretty } = await import('pino-pretty')
    const pretty: DestinationStream = PinoPretty({
      colorize: process.stdout.isTTY === true,
      ignore: 'pid,hostname',
      translateTime: 'HH:MM:ss.l',
      singleLine: true,
      sync: true,
    })
    return {
      logger: pino({ level: options.level }, pretty),
      writeLine: null,
      print: (text) => void process.stdout.write(text),
      flush: () => {},
    }
  }
  const sink = createLogSink(1)
  const logger = pino(
    {
      level: options.level,
      base: null,
      timestamp: () => `,"time":"${readTimestamp()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    sink,
  )
  return {
    logger,
    writeLine: logger.isLevelEnabled('info') ? sink.write : null,
    print: sink.write,
    flush: sink.flush,
  }
}
