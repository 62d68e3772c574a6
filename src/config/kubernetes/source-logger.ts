// The part of a logger that the sources use: pino's shape.

export interface SourceLogger {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
}

export const silentLogger: SourceLogger = { info: () => {}, warn: () => {} }
