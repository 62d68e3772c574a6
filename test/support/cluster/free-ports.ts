// Ports for programs that can't be told to listen on port 0.
import { createServer } from 'node:net'

/** Three at once, so that they differ. Another process may take one before its program does: then the start fails. */
export async function findFreePorts(): Promise<[number, number, number]> {
  const servers = [createServer(), createServer(), createServer()] as const
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once('error', reject)
          server.listen(0, '127.0.0.1', () => {
            const address = server.address()
            resolve(typeof address === 'object' && address !== null ? address.port : 0)
          })
        }),
    ),
  )
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  const [first = 0, second = 0, third = 0] = ports
  return [first, second, third]
}
