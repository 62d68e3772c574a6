// GET /v1/models and /v1/models/{id}: what the caller's key may use, in the caller's dialect.
import { GatewayError } from '../errors/gateway-error.ts'
import { mayUseModel } from '../policies/authentication/caller.ts'
import type { BoundRoute } from '../upstream/bound-route.ts'
import type { Exchange } from '../upstream/exchange.ts'
import { sendJson } from '../upstream/send-json.ts'
import type { RequestHead } from '../wire/request-head.ts'
import { authenticateShared, canUseModel } from './authenticate.ts'
import { awaitCaller } from './await-caller.ts'
import { MethodNotAllowed } from './method-not-allowed.ts'
import { type DescribedModel, renderModel, renderModelList } from './render-models.ts'

/** `rest`: empty, or `/` and a model id, which may hold slashes and percent-encodings. */
export async function serveModels(exchange: Exchange, head: RequestHead, rest: string): Promise<void> {
  checkIsRead(head)
  const { bound } = exchange
  const found = authenticateShared(head, bound)
  const shared = found instanceof Promise ? await awaitCaller(exchange, found) : found
  exchange.caller = shared.callers[0] ?? null
  if (rest === '' || rest === '/') {
    sendModelList(
      exchange,
      bound.publicModels.filter((model) => canUseModel(shared, model)).map(({ entry }) => entry),
    )
    return
  }
  const id = decodeId(rest.slice(1))
  const model = bound.models.find(id)
  if (model === undefined || !canUseModel(shared, model)) {
    if (shared.refusal !== null) throw shared.refusal
    throw modelNotFound(id)
  }
  sendJson(exchange, 200, renderModel(exchange.dialect, model.entry))
}

/**
 * GET <route path>/models and /models/{id}: what is behind a route, Internal or not, and the caller may use. The caller
 * has been authenticated. `rest`: empty, or `/` and a model id.
 */
export function serveRouteModels(exchange: Exchange, head: RequestHead, route: BoundRoute, rest: string): void {
  checkIsRead(head)
  const { modelName } = route.route
  const names = modelName === null ? route.tiers.flat().map(({ target }) => target.modelName) : [modelName]
  const { caller } = exchange
  const usable = [...new Set(names)].filter((name) => caller === null || name === null || mayUseModel(caller, name))
  const entries = usable.flatMap((name) => (name === null ? [] : [describeModel(exchange, name)]))
  if (rest === '') {
    sendModelList(exchange, entries)
    return
  }
  const id = decodeId(rest.slice(1))
  const entry = entries.find((candidate) => candidate.modelName === id)
  if (entry === undefined) throw modelNotFound(id)
  sendJson(exchange, 200, renderModel(exchange.dialect, entry))
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

function sendModelList(exchange: Exchange, models: readonly DescribedModel[]): void {
  sendJson(exchange, 200, renderModelList(exchange.dialect, models, exchange.head?.query ?? ''))
}

/** An Internal model that only `backends` name has no entry; like anywhere else, its provider is not told. */
function describeModel(exchange: Exchange, modelName: string): DescribedModel {
  const entry = exchange.bound.table.models.find((candidate) => candidate.modelName === modelName)
  return entry ?? { modelName, createdSeconds: 0, ownedBy: 'Custom' }
}

function decodeId(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
