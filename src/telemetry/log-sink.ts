// Where log lines go: gathered for a moment, then written at once without a thread and without ever waiting for a
// reader. A pipe is written to as a non-blocking stream, a file or a terminal directly; where neither can be had,
// pino's own asynchronous destination does it. When a reader is too slow, lines are dropped, never requests (H10).
import { constants, fstatSync, openSync, writeSync } from 'node:fs'
import { Socket } from 'node:net'
import { destination } from 'pino'

export type LogSink = Readonly<{
  /** Takes text that ends with a line end. */
  write(text: string): void
  /** Writes what is gathered, waiting for a slow reader for a moment at most: the process is about to end. */
  flush(): void
}>

/** Lines are held at most this long, so that a person tailing them sees them come. */
const gatherMs = 100
const gatherLength = 32_768
const maxWaitingBytes = 8 * 1024 * 1024
const lastWriteMs = 500

export function createLogSink(fd: number): LogSink {
  const pipe = openPipe(fd)
  const isDirect = pipe === null && isFileLike(fd)
  if (pipe === null && !isDirect) return createPinoSink(fd)

  let gathered = ''
  const send = () => {
    const bytes = Buffer.from(gathered)
    gathered = ''
    if (bytes.length === 0) return
    if (pipe === null) writeWhole(fd, bytes, 0)
    else if (pipe.writableLength < maxWaitingBytes) pipe.write(bytes)
  }
  const timer = setInterval(send, gatherMs)
  timer.unref()
  return {
    write(text) {
      gathered += text
      if (gathered.length >= gatherLength) send()
    },
    flush() {
      clearInterval(timer)
      // What the stream still holds goes first only if it has gone already: at the end a reader is there or it isn't.
      if (pipe === null || pipe.writableLength === 0) writeWhole(fd, Buffer.from(gathered), lastWriteMs)
      else send()
      gathered = ''
    },
  }
}

/**
 * The pipe or socket behind `fd` as a stream. A pipe is opened a second time, so that not blocking is our own affair
 * and not that of whoever else writes to it.
 */
function openPipe(fd: number): Socket | null {
  const stats = fstatSync(fd)
  if (!stats.isFIFO() && !stats.isSocket()) return null
  try {
    const own = stats.isSocket() ? fd : openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK)
    const socket = new Socket({ fd: own, readable: false, writable: true })
    // A reader that went away (EPIPE) is no reason to stop serving.
    socket.on('error', () => {})
    socket.unref()
    return socket
  } catch {
    return null
  }
}

function isFileLike(fd: number): boolean {
  const stats = fstatSync(fd)
  return stats.isFile() || stats.isCharacterDevice()
}

/** Never throws: a full disk loses lines, not requests. */
function writeWhole(fd: number, bytes: Buffer, patienceMs: number): void {
  const endsAt = performance.now() + patienceMs
  let at = 0
  while (at < bytes.length) {
    try {
      at += writeSync(fd, bytes, at)
    } catch (error) {
      const isBusy = error instanceof Error && 'code' in error && error.code === 'EAGAIN'
      if (!isBusy || performance.now() >= endsAt) return
    }
  }
}

function createPinoSink(fd: number): LogSink {
  const output = destination({ fd, sync: false, minLength: 8_192, maxLength: maxWaitingBytes })
  output.on('error', () => {})
  const timer = setInterval(() => output.flush(), gatherMs)
  timer.unref()
  return {
    write: (text) => void output.write(text),
    flush() {
      clearInterval(timer)
      try {
        output.flushSync()
      } catch {
        // Nothing gathered, or nobody reads: either way there is nothing left to do.
      }
    },
  }
}
