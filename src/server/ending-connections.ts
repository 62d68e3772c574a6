// Connections on which nothing more is run: the guard refused a request on them, or a request asks for their end.
// What is pipelined behind it in the same packet comes out of the parser before any answer can close anything (A20).
import type { Socket } from 'node:net'

const ending = new WeakSet<Socket>()

export function markEnding(socket: Socket): void {
  ending.add(socket)
}

export function isEnding(socket: Socket): boolean {
  return ending.has(socket)
}
