// Why Gemini stopped. https://ai.google.dev/api/generate-content#FinishReason
import type { StopReason } from '../../conversation/answer-event.ts'

/** Null: the model failed, and what there is of the answer is not one. */
export function mapFinishReason(reason: string, hasCalls: boolean): StopReason | null {
  switch (reason) {
    case 'STOP':
      return hasCalls ? 'tool-calls' : 'stop'
    case 'MAX_TOKENS':
      return 'length'
    case 'MALFORMED_FUNCTION_CALL':
    case 'UNEXPECTED_TOOL_CALL':
    case 'TOO_MANY_TOOL_CALLS':
    case 'MALFORMED_RESPONSE':
    case 'MISSING_THOUGHT_SIGNATURE':
      return null
    default:
      // SAFETY, RECITATION, LANGUAGE, BLOCKLIST, PROHIBITED_CONTENT, SPII, IMAGE_…, MODEL_ARMOR, OTHER, and what is added:
      // none of them is a clean end.
      return 'content-filter'
  }
}
