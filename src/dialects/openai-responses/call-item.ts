// An output item of type `function_call`. https://platform.openai.com/docs/api-reference/responses/object
import type { Emit, ItemStatus } from './output-items.ts'

export class CallItem {
  readonly id: string
  readonly index: number
  isDone = false
  readonly #call: string
  readonly #emit: Emit | null
  readonly #place: string
  #arguments = ''

  constructor(id: string, index: number, callId: string, name: string, emit: Emit | null) {
    this.id = id
    this.index = index
    this.#call = `"call_id":${JSON.stringify(callId)},"name":${JSON.stringify(name)}`
    this.#emit = emit
    this.#place = `"item_id":"${id}","output_index":${index}`
    emit?.('response.output_item.added', `"output_index":${index},"item":${this.#render('in_progress')}`)
  }

  append(json: string): void {
    this.#arguments += json
    this.#emit?.('response.function_call_arguments.delta', `${this.#place},"delta":${JSON.stringify(json)}`)
  }

  end(status: ItemStatus): void {
    if (this.#arguments === '' && status === 'completed') this.append('{}')
    this.isDone = true
    this.#emit?.(
      'response.function_call_arguments.done',
      `${this.#place},"arguments":${JSON.stringify(this.#arguments)}`,
    )
  }

  render(status: ItemStatus): string {
    return this.#render(status)
  }

  #render(status: string): string {
    const text = JSON.stringify(this.#arguments)
    return `{"id":"${this.id}","type":"function_call","status":"${status}",${this.#call},"arguments":${text}}`
  }
}
