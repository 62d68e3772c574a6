// Step 6: one scan of a model request's body, for what routing and splicing need.
import { GatewayError } from '../errors/gateway-error.ts'
import type { ModelBody } from '../upstream/encode-request.ts'
import { scanMultipart } from '../wire/multipart-model.ts'
import type { RequestHead } from '../wire/request-head.ts'
import { scanBody } from '../wire/scan-body.ts'

export type ModelBodyScan = Readonly<{
  body: ModelBody
  hasMessages: boolean
  hasPrompt: boolean
  hasInput: boolean
}>

const jsonType = /^application\/json[\t ]*(;[\t ]*(charset=["']?utf-?8["']?)?[\t ]*)*$/i

/** Throws `unsupported_media_type`: what is not declared as JSON (or a form) could be read as something else behind us. */
export function checkMediaType(head: RequestHead, kind: 'json' | 'multipart'): void {
  const encodingAt = head.names.indexOf('content-encoding')
  if (encodingAt >= 0 && head.values[encodingAt]?.toLowerCase() !== 'identity') {
    throw refuse('A compressed body is not supported here.')
  }
  const contentType = head.contentType ?? ''
  if (kind === 'json' && !jsonType.test(contentType)) throw refuse('The content type must be application/json.')
  if (kind === 'multipart' && !/^multipart\/form-data[\t ]*;/i.test(contentType)) {
    throw refuse('The content type must be multipart/form-data.')
  }
}

/** Throws `invalid_json`, `invalid_request`, `unsupported_media_type`. */
export function scanModelBody(bytes: Buffer, head: RequestHead, kind: 'json' | 'multipart'): ModelBodyScan {
  if (head.query !== '') refuseModelInQuery(head.query)
  if (kind === 'multipart') {
    const form = scanMultipart(bytes, head.contentType ?? '')
    const { model, modelStart, modelEnd } = form
    return {
      body: {
        bytes,
        model,
        modelStart,
        modelEnd,
        renderModel: (name) => name,
        opening: null,
        asked: null,
        prompt: null,
        stream: null,
      },
      hasMessages: false,
      hasPrompt: false,
      hasInput: false,
    }
  }
  const scan = scanBody(bytes)
  const { model, modelStart, modelEnd } = scan
  return {
    body: {
      bytes,
      model,
      modelStart,
      modelEnd,
      renderModel: JSON.stringify,
      opening: scan,
      asked: scan,
      prompt: scan,
      stream: scan.stream ? scan : null,
    },
    hasMessages: scan.hasMessages,
    hasPrompt: scan.hasPrompt,
    hasInput: scan.hasInput,
  }
}

/** The query goes on as it came: a model named there could be another one than the one that is authorised (D2). */
function refuseModelInQuery(query: string): void {
  for (const name of new URLSearchParams(query).keys()) {
    if (!/^model(\[.*)?$/i.test(name.trim())) continue
    throw new GatewayError('invalid_request', 'model in the query', {
      publicText: "'model' belongs into the body.",
      param: 'model',
    })
  }
}

function refuse(publicText: string): GatewayError {
  return new GatewayError('unsupported_media_type', undefined, { publicText })
}
