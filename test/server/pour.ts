// Writes to one end of a connection as fast as it takes bytes, and counts them.
import type { RawSocket } from '../support/raw-socket.ts'
import { until } from '../support/until.ts'

export type Pour = Readonly<{ written: number; isBlocked: boolean }>

/** Writes the piece over and over until `totalBytes` are written or the peer is gone. The result goes on changing. */
export function pour({ socket }: RawSocket, piece: Buffer, totalBytes: number): Pour {
  const state = { written: 0, isBlocked: false }
  const go = () => {
    state.isBlocked = false
    while (state.written < totalBytes && !socket.destroyed) {
      state.written += piece.length
      if (!socket.write(piece)) {
        state.isBlocked = true
        socket.once('drain', go)
        return
      }
    }
  }
  go()
  return state
}

/** Blocked, and staying so: nothing was taken over a stretch of 50 looks. */
export async function whenBlocked(state: Pour): Promise<void> {
  let looks = 0
  let last = -1
  await until(() => {
    looks = state.isBlocked && state.written === last ? looks + 1 : 0
    last = state.written
    return looks >= 50
  }, 'the writer is blocked')
}
