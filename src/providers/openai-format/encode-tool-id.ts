// Ids of tool calls that another provider gave, as this one takes them. The same id becomes the same each time, so that
// calls and results still find each other.
import { hash } from 'node:crypto'
import type { ChatRules } from './chat-rules.ts'

const maxLength = 40

/**
 * OpenAI takes up to 40 characters; Mistral exactly nine letters and digits.
 * https://github.com/mistralai/mistral-common/blob/main/src/mistral_common/protocol/instruct/validator.py
 */
export function encodeToolId(id: string, rule: ChatRules['toolIds']): string {
  if (rule === 'nine-letters') return /^[A-Za-z0-9]{9}$/.test(id) ? id : hash('sha256', id).slice(0, 9)
  return id.length <= maxLength ? id : `call_${hash('sha256', id).slice(0, 24)}`
}
