// Which fields say what would be so without them: nobody who can't honour them has to refuse them.
import { isRecord } from '../../is-record.ts'

/** `name`: the member's own, without the path to it. */
export function isDefaultField(name: string, value: unknown): boolean {
  if (value === null) return true
  switch (name) {
    // Of an answer or a document, https://docs.claude.com/en/docs/build-with-claude/citations
    case 'citations':
      return isEmptyList(value) || (isRecord(value) && value.enabled !== true)
    case 'caller':
      return isRecord(value) && value.type === 'direct'
    case 'allowed_callers':
      return Array.isArray(value) && value.every((caller) => caller === 'direct')
    case 'transformations':
      return isRecord(value) && Object.values(value).every((made) => made == null || made === 'downsize')
    case 'defer_loading':
      return value === false
    // How soon the pieces of a call come: here always as the backend sends them.
    case 'eager_input_streaming':
      return true
    case 'input_examples':
    case 'mcp_servers':
      return isEmptyList(value)
    case 'speed':
      return value === 'standard'
    default:
      return false
  }
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0
}
