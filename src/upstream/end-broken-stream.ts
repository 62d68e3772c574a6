// Ends a stream that can't be completed: its last words, then a cut, so that no client takes it for whole (B4).
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/**
 * Between the error event and the cut: `fetch` throws away what its caller has not read yet when a body breaks, and
 * a client that has read the event leaves by itself. Milliseconds.
 */
const farewellMs = 100
/** How long a client may take to read the error event before its connection goes. Milliseconds. */
const lastWordsMs = 5_000

/** `event`: whole SSE events, null where the backend has said itself what went wrong. */
export function endBrokenStream(response: ServerResponse, event: string | null): void {
  if (event !== null) response.write(event)
  // Behind another answer on its connection (pipelining) it waits for its turn.
  if (response.socket === null) response.once('socket', sayFarewell)
  else sayFarewell(response.socket)
}

/** The chunked body gets no last chunk: the client's HTTP library reports the cut as well. */
function sayFarewell(socket: Socket): void {
  const farewell = setTimeout(() => socket.destroySoon(), farewellMs)
  const limit = setTimeout(() => socket.destroy(), lastWordsMs)
  socket.once('close', () => {
    clearTimeout(farewell)
    clearTimeout(limit)
  })
}
