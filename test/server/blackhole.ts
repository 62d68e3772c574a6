// An address that swallows connections: its accept queue is full, so a SYN is never answered. A thread that listens and
// then blocks does it without a firewall.

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Worker } from 'node:worker_threads'

export type Blackhole = Readonly<{ port: number; host: string; url: string; close(): Promise<void> }>

const listenAndBlock = `
  const { parentPort } = require('node:worker_threads')
  const server = require('node:net').createServer()
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    parentPort.postMessage(server.address().port)
    setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0))
  })
`

export async function createBlackhole(): Promise<Blackhole> {
  const worker = new Worker(listenAndBlock, { eval: true })
  const [port]: unknown[] = await once(worker, 'message')
  if (typeof port !== 'number') throw new Error('the blackhole has no port')
  const fillers: Socket[] = []
  for (;;) {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.on('error', () => {})
    fillers.push(socket)
    if (!(await isConnected(socket))) break
    if (fillers.length > 16) throw new Error('the accept queue never fills')
  }
  return {
    port,
    host: `127.0.0.1:${port}`,
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      for (const socket of fillers) socket.destroy()
      await worker.terminate()
    },
  }
}

/** Loopback connects at once or not at all. */
function isConnected(socket: Socket): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), 200)
    socket.once('connect', () => {
      clearTimeout(timer)
      resolve(true)
    })
  })
}
