// What Gemini says it used. https://ai.google.dev/api/generate-content#UsageMetadata
import type { AnswerUsage } from '../../conversation/answer-event.ts'
import { isRecord } from '../../is-record.ts'

/** Null: nothing in it counts tokens. Its `candidatesTokenCount` is without thoughts, its prompt with what was cached. */
export function parseUsage(metadata: unknown): AnswerUsage | null {
  if (!isRecord(metadata)) return null
  const prompt = readCount(metadata.promptTokenCount)
  const total = readCount(metadata.totalTokenCount)
  if (prompt === null && total === null) return null
  const toolUse = readCount(metadata.toolUsePromptTokenCount) ?? 0
  const reasoning = readCount(metadata.thoughtsTokenCount) ?? 0
  const input = (prompt ?? 0) + toolUse
  // Left out while it is 0; the total is then the better witness.
  const said = readCount(metadata.candidatesTokenCount) ?? Math.max(0, (total ?? 0) - input - reasoning)
  return {
    input,
    output: said + reasoning,
    cachedInput: readCount(metadata.cachedContentTokenCount) ?? 0,
    cacheWriteInput: 0,
    reasoning,
  }
}

/** What nobody uses in one answer: a larger number counts as this one. */
const maxCount = 1e12

function readCount(value: unknown): number | null {
  return typeof value === 'number' && value >= 0 ? Math.min(Math.floor(value), maxCount) : null
}
