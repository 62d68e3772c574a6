// Replays a recorded stream in pieces: whatever the pieces, the events are the same (B1).
import type { AnswerEvent } from '../../src/conversation/answer-event.ts'
import type { StreamDecoder } from '../../src/providers/codec.ts'

/** What a decoder makes of the pieces, its last events among them. Each piece is a buffer of its own. */
export function decodePieces(createDecoder: () => StreamDecoder, pieces: readonly Buffer[]): readonly AnswerEvent[] {
  const decoder = createDecoder()
  const events = pieces.flatMap((piece) => decoder.push(Buffer.from(piece)))
  return [...events, ...(decoder.finish?.() ?? [])]
}

/** The bytes in two pieces at every offset, and one byte a piece. */
export function* splitEverywhere(bytes: Buffer): Generator<Readonly<{ name: string; pieces: readonly Buffer[] }>> {
  for (let at = 1; at < bytes.length; at++) {
    yield { name: `split at ${at}`, pieces: [bytes.subarray(0, at), bytes.subarray(at)] }
  }
  yield { name: 'one byte a piece', pieces: Array.from(bytes, (byte) => Buffer.of(byte)) }
}
