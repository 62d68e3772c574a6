// The model server of the benchmark: fixed bytes on bare sockets, as cheap as can be, so that the proxy under test is
// the bottleneck. It reads just enough HTTP to find where a request ends. Not a server for anything else.
import { createServer, type Socket } from 'node:net'
import { renderMessagesAnswer, renderMessagesChunks } from './messages-wire.ts'
import { reportReady } from './ready.ts'
import { eventCount, renderEventChunks, renderUnaryAnswer, streamHead } from './wire.ts'

/** Between two events of a stream. */
const eventIntervalMs = 2
/** Between two events of a held stream. */
const heldIntervalMs = 1000

/** Everything one format has to say. `start`: the head and the first event. */
type Answers = Readonly<{
  unary: Buffer
  long: readonly Buffer[]
  brief: readonly Buffer[]
  burst: Buffer
  start: Buffer
}>

function prepare(unary: Buffer, long: readonly Buffer[], brief: readonly Buffer[]): Answers {
  const start = Buffer.concat([streamHead, long[0] ?? Buffer.alloc(0)])
  return { unary, long, brief, burst: Buffer.concat([streamHead, ...long]), start }
}

const chat = prepare(renderUnaryAnswer(), renderEventChunks(eventCount), renderEventChunks(4))
const messages = prepare(renderMessagesAnswer(), renderMessagesChunks(eventCount), renderMessagesChunks(6))
const heldEvent = chat.long[1] ?? Buffer.alloc(0)

type OpenStream = { readonly socket: Socket; readonly chunks: readonly Buffer[]; next: number }
const running = new Set<OpenStream>()
const held = new Set<Socket>()

// One timer for all streams: the backend's share of the second core stays small.
setInterval(() => {
  for (const stream of running) {
    const chunk = stream.chunks[stream.next++]
    if (chunk !== undefined) stream.socket.write(chunk)
    if (stream.next >= stream.chunks.length) running.delete(stream)
  }
}, eventIntervalMs)
setInterval(() => {
  for (const socket of held) socket.write(heldEvent)
}, heldIntervalMs)

const messagesLine = Buffer.from('POST /v1/messages ')

/** Anthropic's format has the user's id elsewhere, `metadata.user_id`; the kinds are words that nothing else says. */
function answer(socket: Socket, request: Buffer): void {
  const { unary, start, burst, long, brief } = request.subarray(0, messagesLine.length).equals(messagesLine)
    ? messages
    : chat
  if (!request.includes('"stream":true')) {
    socket.write(unary)
  } else if (request.includes(':"held"')) {
    socket.write(start)
    held.add(socket)
  } else if (request.includes(':"burst"')) {
    socket.write(burst)
  } else {
    socket.write(start)
    running.add({ socket, chunks: request.includes(':"brief"') ? brief : long, next: 1 })
  }
}

/** The length of the first request in the bytes, 0 while it is not whole. */
function readRequestLength(bytes: Buffer): number {
  const headEnd = bytes.indexOf('\r\n\r\n')
  if (headEnd < 0) return 0
  const head = bytes.toString('latin1', 0, headEnd)
  const bodyAt = headEnd + 4
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
  if (length !== undefined) return bytes.length >= bodyAt + Number(length) ? bodyAt + Number(length) : 0
  if (!/\r\ntransfer-encoding: *chunked/i.test(head)) return bodyAt
  const end = bytes.indexOf('0\r\n\r\n', bodyAt)
  return end < 0 ? 0 : end + 5
}

const server = createServer({ noDelay: true }, (socket) => {
  let pending: Buffer | null = null
  socket.on('data', (bytes: Buffer) => {
    let rest: Buffer = pending === null ? bytes : Buffer.concat([pending, bytes])
    for (;;) {
      const length = readRequestLength(rest)
      if (length === 0) break
      answer(socket, rest.subarray(0, length))
      rest = rest.subarray(length)
    }
    pending = rest.length === 0 ? null : rest
  })
  socket.on('error', () => socket.destroy())
  socket.on('close', () => {
    held.delete(socket)
    for (const stream of running) if (stream.socket === socket) running.delete(stream)
  })
})

server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => reportReady(server.address()))
