// Puts the items of an input into turns: those of the assistant in a row are one turn, outputs of functions in a row
// another, and system texts in front of everything are the conversation's.
import type {
  AssistantPart,
  Conversation,
  TextPart,
  ToolResultPart,
  Turn,
  UserPart,
} from '../../conversation/conversation.ts'

export class TurnBuilder {
  readonly #system: TextPart[] = []
  readonly #turns: Turn[] = []
  readonly #toolNames = new Map<string, string>()
  readonly #callSignatures = new Map<string, string>()
  #assistant: AssistantPart[] | null = null
  #results: ToolResultPart[] | null = null

  addSystem(parts: readonly TextPart[]): void {
    this.#endRuns()
    if (this.#turns.length === 0) this.#system.push(...parts)
    else this.#turns.push({ role: 'system', parts })
  }

  addUser(parts: readonly UserPart[]): void {
    this.#endRuns()
    this.#turns.push({ role: 'user', parts, name: null })
  }

  addAssistant(parts: readonly AssistantPart[]): void {
    this.#results = null
    if (this.#assistant === null) {
      this.#assistant = []
      this.#turns.push({ role: 'assistant', parts: this.#assistant, name: null })
    }
    this.#assistant.push(...parts)
  }

  /** Of a call that comes later. */
  signCall(callId: string, signature: string): void {
    this.#callSignatures.set(callId, signature)
  }

  addCall(id: string, name: string, json: string): void {
    this.#toolNames.set(id, name)
    const signature = this.#callSignatures.get(id) ?? null
    this.addAssistant([{ kind: 'tool-call', id, name, arguments: json, signature, cache: null }])
  }

  /** `name`: as the output says it itself. */
  addResult(callId: string, name: string | null, parts: ToolResultPart['parts']): void {
    this.#assistant = null
    if (this.#results === null) {
      this.#results = []
      this.#turns.push({ role: 'user', parts: this.#results, name: null })
    }
    const toolName = this.#toolNames.get(callId) ?? name
    this.#results.push({ kind: 'tool-result', callId, toolName, parts, isError: false, cache: null })
  }

  build(): Pick<Conversation, 'system' | 'turns'> {
    return { system: this.#system, turns: this.#turns }
  }

  #endRuns(): void {
    this.#assistant = null
    this.#results = null
  }
}
