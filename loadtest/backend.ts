// The model server of the benchmark: fixed bytes on bare sockets, as cheap as can be, so that the proxy under test is
// the bottleneck. It reads just enough HTTP to find where a request ends. Not a server for anything else.
import { createServer, type Socket } from 'node:net'
import { reportReady } from './ready.ts'
import { eventCount, renderEventChunks, renderUnaryAnswer, streamHead } from './wire.ts'

/** Between two events of a stream. */
const eventIntervalMs = 2
/** Between two events of a held stream. */
const heldIntervalMs = 1000

const unaryAnswer = renderUnaryAnswer()
const longStream = renderEventChunks(eventCount)
const briefStream = renderEventChunks(4)
const burst = Buffer.concat([streamHead, ...longStream])
const heldEvent = longStream[1] ?? Buffer.alloc(0)
const firstOf = (chunks: readonly Buffer[]) => Buffer.concat([streamHead, chunks[0] ?? Buffer.alloc(0)])
const starts = { stream: firstOf(longStream), brief: firstOf(briefStream), held: firstOf(longStream) }

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

function answer(socket: Socket, request: Buffer): void {
  if (!request.includes('"stream":true')) {
    socket.write(unaryAnswer)
  } else if (request.includes('"user":"held"')) {
    socket.write(starts.held)
    held.add(socket)
  } else if (request.includes('"user":"burst"')) {
    socket.write(burst)
  } else {
    const isBrief = request.includes('"user":"brief"')
    socket.write(isBrief ? starts.brief : starts.stream)
    running.add({ socket, chunks: isBrief ? briefStream : longStream, next: 1 })
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
