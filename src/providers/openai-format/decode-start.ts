// What an answer, or the first event of a stream, says of itself.
import type { AnswerEvent } from '../../conversation/answer-event.ts'

const maxChoices = 128

export function decodeStart(answer: Readonly<Record<string, unknown>>): {
  readonly start: AnswerEvent
  /** Letters and digits that are this answer's own: what ids that it leaves out are made of. */
  readonly seed: string
} {
  const id = typeof answer.id === 'string' && answer.id !== '' ? answer.id : null
  const model = typeof answer.model === 'string' && answer.model !== '' ? answer.model : null
  const createdSeconds = typeof answer.created === 'number' ? Math.floor(answer.created) : null
  const seed = (id ?? '').replace(/[^A-Za-z0-9]/g, '').slice(-16)
  return { start: { type: 'start', id, model, createdSeconds }, seed }
}

/** `otherwise`: where it says none that could be one. */
export function readChoiceIndex(index: unknown, otherwise: number): number {
  const isIndex = typeof index === 'number' && Number.isInteger(index) && index >= 0 && index < maxChoices
  return isIndex ? index : Math.min(otherwise, maxChoices - 1)
}
