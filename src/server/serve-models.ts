// GET /v1/models and /v1/models/{id}: what the caller's key may use, in OpenAI's shape.
import { GatewayError } from '../errors/gateway-error.ts'
import type { BoundModel, BoundRoute } from '../upstream/bound-route.ts'
import type { Exchange } from '../upstream/exchange.ts'
import { sendJson } from '../upstream/send-json.ts'
import type { RequestHead } from '../wire/request-head.ts'
import { authenticateShared, canUseModel } from './authenticate.ts'
import { MethodNotAllowed } from './method-not-allowed.ts'

/** `rest`: empty, or `/` and a model id, which may hold slashes and percent-encodings. */
export function serveModels(exchange: Exchange, head: RequestHead, rest: string): void {
  checkIsRead(head)
  const { bound } = exchange
  const shared = authenticateShared(head, bound)
  exchange.caller = shared.callers[0] ?? null
  if (rest === '' || rest === '/') {
    sendModelList(
      exchange,
      bound.publicModels.filter((model) => canUseModel(shared, model)),
    )
    return
  }
  const id = decodeId(rest.slice(1))
  const model = bound.models.find(id)
  if (model === undefined || !canUseModel(shared, model)) {
    if (shared.refusal !== null) throw shared.refusal
    throw modelNotFound(id)
  }
  sendJson(exchange, 200, renderModel(model))
}

/** GET <route path>/models: the one model behind a route. The caller has been authenticated. */
export function serveRouteModels(exchange: Exchange, head: RequestHead, route: BoundRoute): void {
  checkIsRead(head)
  const { modelName } = route.route
  const model = modelName === null ? undefined : exchange.bound.models.find(modelName)
  sendModelList(exchange, model === undefined ? [] : [model])
}

export function modelNotFound(model: string): GatewayError {
  const shown = model.length > 100 ? `${model.slice(0, 100)}…` : model
  return new GatewayError('model_not_found', undefined, {
    publicText: `The model '${shown}' does not exist or you do not have access to it.`,
    param: 'model',
  })
}

function checkIsRead(head: RequestHead): void {
  if (head.method !== 'GET' && head.method !== 'HEAD') throw new MethodNotAllowed('GET, HEAD')
}

function sendModelList(exchange: Exchange, models: readonly BoundModel[]): void {
  sendJson(exchange, 200, { object: 'list', data: models.map(renderModel) })
}

/** https://platform.openai.com/docs/api-reference/models/object */
function renderModel({ entry }: BoundModel): object {
  return { id: entry.modelName, object: 'model', created: entry.createdSeconds, owned_by: entry.ownedBy }
}

function decodeId(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
