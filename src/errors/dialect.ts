// Which client API an answer of Sluice's own is written in, and how each says an error.
import type { GatewayError } from './gateway-error.ts'
import { renderAnthropicError, renderAnthropicErrorEvent } from './render-anthropic.ts'
import { renderOpenAiError, renderOpenAiErrorEvent, renderResponsesErrorEvent } from './render-openai.ts'

export type Dialect = 'openai' | 'anthropic'

/** How a stream says that it failed: of chat and completions, of the Responses API, of Anthropic's messages. */
export type ErrorEventStyle = 'chat' | 'responses' | 'messages'

/** The JSON body of an error answer. */
export function renderError(dialect: Dialect, error: GatewayError, requestId: string): string {
  return dialect === 'anthropic' ? renderAnthropicError(error, requestId) : renderOpenAiError(error)
}

/** The event that ends a failed stream: the official clients throw on it. `sequence`: its number, where events have one. */
export function renderErrorEvent(style: ErrorEventStyle, error: GatewayError, requestId: string, sequence = 0): string {
  if (style === 'messages') return renderAnthropicErrorEvent(error, requestId)
  return style === 'responses' ? renderResponsesErrorEvent(error, sequence) : renderOpenAiErrorEvent(error)
}
