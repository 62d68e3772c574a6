// A TCP proxy between a store and its Redis that can delay what passes, swallow it, or refuse new connections.
import { createConnection, createServer, type Socket } from 'node:net'

export type SlowProxy = Readonly<{
  port: number
  url: string
  /** Milliseconds added each way; Infinity: a black hole, in which connections seem to stay. */
  setDelay(ms: number): void
  /** Connections taken so far. */
  readCount(): number
  stop(): Promise<void>
}>

export async function startSlowProxy(port: number): Promise<SlowProxy> {
  let delayMs = 0
  let count = 0
  const sockets = new Set<Socket>()
  const pass = (from: Socket, to: Socket) => {
    from.on('data', (bytes: Buffer) => {
      if (delayMs === Number.POSITIVE_INFINITY) return
      if (delayMs === 0) to.write(bytes)
      else setTimeout(() => to.destroyed || to.write(bytes), delayMs)
    })
    from.on('close', () => {
      sockets.delete(from)
      to.destroy()
    })
    from.on('error', () => {})
    from.setNoDelay(true)
    sockets.add(from)
  }
  const server = createServer((client) => {
    count++
    const upstream = createConnection({ port, host: '127.0.0.1' })
    pass(client, upstream)
    pass(upstream, client)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    port: address.port,
    url: `redis://127.0.0.1:${address.port}`,
    setDelay: (ms) => {
      delayMs = ms
    },
    readCount: () => count,
    async stop() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
