// Asks a backend to say what a stream used, in the request's `stream_options`, where the client has not asked itself.
// Cuts and pastes: what else stands in there keeps its bytes.
import { JsonScanner } from '../../wire/json-scanner.ts'
import { type BodyEdit, insertMembers } from '../../wire/splice.ts'

/** In a body that asks for a stream: where its `stream_options` stands (0, 0: nowhere), and where it could be put. */
export type StreamOptionsPlace = Readonly<{
  streamOptionsStart: number
  streamOptionsEnd: number
  firstKeyOffset: number
}>

const asking = '{"include_usage":true}'
/** Servers written in Go match names in any case, the last one counting. */
const usageName = /^include_usage$/iu

/**
 * The edits, sorted, that make a checked body ask; null: the client asks itself, or its `stream_options` is no object,
 * which the backend is left to refuse.
 * https://platform.openai.com/docs/api-reference/chat/create#chat_create-stream_options; completions has the same.
 */
export function askUsage(body: Buffer, place: StreamOptionsPlace): readonly BodyEdit[] | null {
  const { streamOptionsStart: start, streamOptionsEnd: end, firstKeyOffset } = place
  if (end === 0) return [{ start: firstKeyOffset, end: firstKeyOffset, bytes: `"stream_options":${asking},` }]
  if (body[start] === 0x6e) return [{ start, end, bytes: asking }]
  if (body[start] !== 0x7b) return null
  return askInObject(body.subarray(start, end), start)
}

/** `offset`: of the object's brace in the body. A name that is there several times asks in every place. */
function askInObject(object: Buffer, offset: number): readonly BodyEdit[] | null {
  const scanner = new JsonScanner(object)
  const firstKeyOffset = offset + scanner.openObject()
  const edits: BodyEdit[] = []
  let isEmptyObject = true
  let isThere = false
  while (scanner.hasMember()) {
    isEmptyObject = false
    const key = scanner.readKey()
    const start = scanner.offset
    scanner.skipValue(1)
    if (!usageName.test(key)) continue
    isThere ||= key === 'include_usage'
    if (object[start] !== 0x74) edits.push({ start: offset + start, end: offset + scanner.offset, bytes: 'true' })
  }
  const insert = isThere ? null : insertMembers({ firstKeyOffset, isEmptyObject }, ['"include_usage":true'])
  if (insert !== null) edits.unshift(insert)
  return edits.length === 0 ? null : edits
}
