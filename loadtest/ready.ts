// What a spawned server of the benchmark says when it listens: its address as one JSON line on stdout.
import type { AddressInfo } from 'node:net'

export function reportReady(address: AddressInfo | string | null): void {
  if (address === null || typeof address === 'string') throw new Error('the server has no TCP address')
  process.stdout.write(`${JSON.stringify({ port: address.port })}\n`)
}

/** The base URL of the backend, the one argument of a relay. */
export function readUpstream(): URL {
  const upstream = process.argv[2]
  if (upstream === undefined) throw new Error('usage: node <relay>.ts http://127.0.0.1:PORT')
  return new URL(upstream)
}
