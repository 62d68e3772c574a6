// OpenAI's error envelope: `{"error":{"message","type","param","code"}}`.
import type { GatewayError } from './gateway-error.ts'

/** The JSON body of an error answer; also the data of an error event in a stream. */
export function renderOpenAiError(error: GatewayError): string {
  return JSON.stringify({
    error: { message: error.publicText, type: error.entry.openaiType, param: error.param, code: error.code },
  })
}

/** The event that ends a failed stream. The official clients throw an APIError on a data line with an `error` field. */
export function renderOpenAiErrorEvent(error: GatewayError): string {
  return `data: ${renderOpenAiError(error)}\n\n`
}

/** https://platform.openai.com/docs/api-reference/responses-streaming/error: flat, with a type of its own. */
export function renderResponsesErrorEvent(error: GatewayError, sequence: number): string {
  const { publicText: message, param, code } = error
  const data = JSON.stringify({ type: 'error', code, message, param, sequence_number: sequence })
  return `event: error\ndata: ${data}\n\n`
}
