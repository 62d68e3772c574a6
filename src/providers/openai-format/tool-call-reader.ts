// Tool calls that come in pieces: which call a piece belongs to, whatever a server leaves out of it.
import type { AnswerEvent } from '../../conversation/answer-event.ts'
import { isRecord } from '../../is-record.ts'

type OpenCall = {
  readonly call: number
  /** Empty where the server has said none. */
  id: string
  name: string
  signature: string | null
  isTold: boolean
  /** Arguments that came before the name. */
  pending: string
}

export class ToolCallReader {
  readonly #choice: number
  /** Ids of calls that have none are made of it. */
  readonly #seed: string
  readonly #calls: OpenCall[] = []
  /** By the `index` of the pieces. */
  readonly #byIndex = new Map<number, OpenCall>()

  constructor(choice: number, seed: string) {
    this.#choice = choice
    this.#seed = seed
  }

  get hasCalls(): boolean {
    return this.#calls.length > 0
  }

  /** Takes one entry of `tool_calls`, of a delta or of a whole message. */
  read(value: unknown, events: AnswerEvent[]): void {
    if (!isRecord(value)) return
    const said = isRecord(value.function) ? value.function : {}
    const id = typeof value.id === 'string' ? value.id : ''
    const name = typeof said.name === 'string' ? said.name : ''
    const open = this.#find(value.index, id, name)
    open.id ||= id
    open.name ||= name
    open.signature ??= readSignature(value)
    const json = readArguments(said.arguments)
    if (!open.isTold && open.name !== '') this.#tell(open, events)
    if (json === '') return
    if (open.isTold) events.push({ type: 'tool-arguments', choice: this.#choice, call: open.call, json })
    else open.pending += json
  }

  /** `index` counts calls; some servers leave it out, or write 0 for all: then a new id begins a new call. */
  #find(index: unknown, id: string, name: string): OpenCall {
    const known = typeof index === 'number' ? this.#byIndex.get(index) : this.#calls.at(-1)
    const isOther = known !== undefined && id !== '' && known.id !== '' && known.id !== id && name !== ''
    // Whole calls without an id, one after another: each brings its name.
    const isNext = known !== undefined && typeof index !== 'number' && id === '' && known.id === '' && name !== ''
    if (known !== undefined && !isOther && !isNext) return known
    const open: OpenCall = { call: this.#calls.length, id, name, signature: null, isTold: false, pending: '' }
    this.#calls.push(open)
    if (typeof index === 'number') this.#byIndex.set(index, open)
    return open
  }

  #tell(open: OpenCall, events: AnswerEvent[]): void {
    open.isTold = true
    const { call, name, signature, pending } = open
    const id = open.id || `call_${this.#seed}${this.#choice}${call}`
    events.push({ type: 'tool-call', choice: this.#choice, call, id, name, signature })
    if (pending !== '') events.push({ type: 'tool-arguments', choice: this.#choice, call, json: pending })
  }
}

/** JSON text; some servers write the object itself. */
function readArguments(value: unknown): string {
  if (typeof value === 'string') return value
  return isRecord(value) ? JSON.stringify(value) : ''
}

/** https://ai.google.dev/gemini-api/docs/thought-signatures#openai */
function readSignature({ extra_content: extra }: Readonly<Record<string, unknown>>): string | null {
  const google = isRecord(extra) ? extra.google : null
  const signature = isRecord(google) ? google.thought_signature : null
  return typeof signature === 'string' ? signature : null
}
