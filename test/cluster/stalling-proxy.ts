// A TCP relay that can go silent: connections stay open, nothing passes, as when a network drops all packets.
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

export type StallingProxy = Readonly<{
  port: number
  /** From now on nothing passes on the connections that are open; new ones work. */
  stall(): void
  readConnectionCount(): number
  close(): Promise<void>
}>

export async function startStallingProxy(targetPort: number): Promise<StallingProxy> {
  const pairs = new Set<readonly [Socket, Socket]>()
  let connectionCount = 0
  const server = createServer((client) => {
    connectionCount += 1
    const upstream = connect(targetPort, '127.0.0.1')
    const pair = [client, upstream] as const
    pairs.add(pair)
    client.on('data', (chunk) => upstream.write(chunk))
    upstream.on('data', (chunk) => client.write(chunk))
    for (const socket of pair) {
      socket.on('error', () => {})
      socket.on('close', () => {
        pairs.delete(pair)
        client.destroy()
        upstream.destroy()
      })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    port: address.port,
    stall() {
      for (const pair of pairs) for (const socket of pair) socket.removeAllListeners('data').pause()
    },
    readConnectionCount: () => connectionCount,
    async close() {
      for (const pair of pairs) for (const socket of pair) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
