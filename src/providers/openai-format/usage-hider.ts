// Takes the usage that a client had not asked for out of its stream again: whole events that say nothing else.
// Looks only at events in which the framer has seen usage; every other byte passes as it came.
import { isRecord } from '../../is-record.ts'
import { spliceBody } from '../../wire/splice.ts'
import type { UsageEvent } from '../../wire/sse-framer.ts'

const CR = 0x0d
const LF = 0x0a
const choice = Buffer.from('"choices":[{')

export class UsageHider {
  /** A hidden event's last byte was a CR, and the last one there was: a LF that comes next belongs to it. */
  #isInLineEnd = false

  /** Takes what the framer passed and the usage events in it; returns what may be shown, null for nothing. */
  hide(bytes: Buffer, events: readonly UsageEvent[]): Buffer | null {
    const shown = this.#isInLineEnd && bytes[0] === LF ? 1 : 0
    this.#isInLineEnd = false
    if (shown === 0 && events.length === 0) return bytes
    const edits = shown === 0 ? [] : [{ start: 0, end: 1, bytes: '' }]
    for (const { start, end, data } of events) {
      if (!isUsageOnly(data)) continue
      edits.push({ start, end, bytes: '' })
      this.#isInLineEnd = end === bytes.length && bytes[end - 1] === CR
    }
    const rest = spliceBody(bytes, edits)
    return rest.length === 0 ? null : rest
  }
}

/**
 * `"choices":[]` and usage, as OpenAI sends it when it is asked; some backends leave the empty list out. With choices,
 * it is an event the client waits for: then its usage stays in it, as backends do that report unasked.
 */
function isUsageOnly(data: Buffer): boolean {
  // Some report with every event: those aren't parsed.
  if (data.includes(choice)) return false
  const event = parse(data)
  if (!isRecord(event) || !isRecord(event.usage) || event.error != null) return false
  const { choices } = event
  return choices == null || (Array.isArray(choices) && choices.length === 0)
}

function parse(data: Buffer): unknown {
  try {
    return JSON.parse(data.toString())
  } catch {
    return undefined
  }
}
