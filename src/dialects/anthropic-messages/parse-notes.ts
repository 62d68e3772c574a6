// What is found out while a request of Anthropic's is read: where features stand, which fields have no word, which tools
// were called.
import type { UnknownField } from '../../conversation/conversation.ts'
import type { Feature } from '../../conversation/feature.ts'
import type { RequestFields } from '../request-fields.ts'
import { isDefaultField } from './default-fields.ts'

/** What Anthropic's clients call a feature that has one field; the others are known by the place where they stand. */
const names: Readonly<Partial<Record<Feature, string>>> = {
  cacheMarkers: 'cache_control',
  endUser: 'metadata.user_id',
  temperature: 'temperature',
  topP: 'top_p',
  topK: 'top_k',
  stop: 'stop_sequences',
  serviceTier: 'service_tier',
  singleToolCall: 'tool_choice.disable_parallel_tool_use',
  toolChoice: 'tool_choice',
  tools: 'tools',
}

export class ParseNotes {
  readonly unknown: UnknownField[] = []
  /** By the ids of the calls. */
  readonly toolNames = new Map<string, string>()
  readonly #places = new Map<Feature, string>()

  /** The first place counts. */
  notePlace(feature: Feature, path: string): void {
    if (!this.#places.has(feature)) this.#places.set(feature, path)
  }

  /** What nobody has read of an object, and is not as good as not there. */
  noteUnread(fields: RequestFields): void {
    for (const field of fields.unread()) {
      const name = field.name.slice(field.name.lastIndexOf('.') + 1)
      if (!isDefaultField(name, field.value)) this.unknown.push(field)
    }
  }

  readonly paramOf = (feature: Feature): string => this.#places.get(feature) ?? names[feature] ?? 'messages'
}
