// Tenant A, a process of its own: opens slow streams, then sends twenty times its limit and bodies of 10 MB until it is
// told to end. Arguments: port, streams. Prints `ready` when the flood begins, and what came of it at the end.
import { connect, type Socket } from 'node:net'
import { keys, noisyLimit } from './manifests.ts'

const port = Number(process.argv[2])
const streamCount = Number(process.argv[3])
const bigBytes = 10 * 1024 * 1024
const tickMs = 5

function renderRequest(body: string): string {
  const head = [
    'POST /v1/chat/completions HTTP/1.1',
    'host: gateway.test',
    `authorization: Bearer ${keys.noisy}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
  ]
  return `${head.join('\r\n')}\r\n\r\n${body}`
}

const held = renderRequest('{"model":"of-noisy","stream":true,"user":"held","messages":[]}')
const small = Buffer.from(renderRequest('{"model":"of-noisy","messages":[{"role":"user","content":"hi"}]}'))
const big = Buffer.from(
  renderRequest(`{"model":"of-noisy","messages":[{"role":"user","content":"${'x'.repeat(bigBytes)}"}]}`),
)

const counts = { sent: 0, served: 0, refused: 0, big: 0, streams: 0 }
const open = new Set<Socket>()

function dial(onData: (bytes: Buffer, socket: Socket) => void): Socket {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  open.add(socket)
  socket.on('data', (bytes: Buffer) => onData(bytes, socket))
  socket.on('error', () => socket.destroy())
  socket.on('close', () => open.delete(socket))
  return socket
}

function countAnswers(bytes: Buffer): void {
  const text = bytes.toString('latin1')
  counts.served += text.split('HTTP/1.1 200').length - 1
  counts.refused += text.split('HTTP/1.1 429').length - 1
}

/** Below the limit, so that they are let in; every other one is read slowly: not at all. */
async function openStreams(): Promise<void> {
  for (let at = 0; at < streamCount; at++) {
    const socket = dial((bytes, self) => {
      if (!bytes.includes('HTTP/1.1 200')) return
      counts.streams += 1
      if (at % 2 === 0) self.pause()
    })
    socket.write(held)
    await new Promise((resolve) => setTimeout(resolve, 1250 / noisyLimit))
  }
}

function flood(): void {
  const sockets = Array.from({ length: 32 }, () => dial(countAnswers))
  const perTick = (noisyLimit * 20 * tickMs) / 1000
  setInterval(() => {
    for (let at = 0; at < perTick; at++) {
      sockets[counts.sent % sockets.length]?.write(small)
      counts.sent += 1
    }
  }, tickMs)
  const sendBig = () => {
    const socket = dial((bytes, self) => {
      countAnswers(bytes)
      counts.big += 1
      self.destroy()
    })
    socket.once('close', () => setTimeout(sendBig, 100))
    socket.write(big)
  }
  sendBig()
  sendBig()
}

process.once('SIGTERM', () => {
  process.stdout.write(`${JSON.stringify(counts)}\n`, () => process.exit(0))
})
await openStreams()
flood()
process.stdout.write('ready\n')
