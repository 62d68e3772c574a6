// What a client names instead of sending it, because OpenAI's servers keep it: no translated backend has any of it.
import type { GatewayError } from '../../errors/gateway-error.ts'
import { type RequestFields, unsupportedField } from '../request-fields.ts'

const names = ['previous_response_id', 'conversation', 'prompt', 'background'] as const

export function refuseStored(param: string): GatewayError {
  return unsupportedField(
    param,
    `'${param}' is not supported by this model: no responses are stored for it. Send the whole conversation as 'input'.`,
  )
}

/** Throws `unsupported_parameter` for the first of them that is there. */
export function refuseStoredFields(body: RequestFields): void {
  for (const name of names) {
    const value = body.value(name)
    if (value !== null && value !== false) throw refuseStored(name)
  }
}
