// A path of its own: an AIGatewayRoute's, or `/v1/<modelName>`. To a plain service the request goes on unchanged;
// to a model, `<path>/<operation>` goes to the provider's own path for that operation.
import { GatewayError } from '../errors/gateway-error.ts'
import type { BoundRoute } from '../upstream/bound-route.ts'
import type { Exchange } from '../upstream/exchange.ts'
import type { RequestHead } from '../wire/request-head.ts'
import { admit, listLimits, needsBody, refuseExhausted } from './admit.ts'
import { authenticateRoute, checkModelAllowed, findForbiddenMembers } from './authenticate.ts'
import { awaitCaller } from './await-caller.ts'
import type { DataPlane } from './data-plane.ts'
import { estimateUsage } from './estimate-usage.ts'
import { forwardModel } from './forward-model.ts'
import { forwardService } from './forward-service.ts'
import { MethodNotAllowed } from './method-not-allowed.ts'
import { readBody } from './read-body.ts'
import { checkMediaType, scanModelBody } from './scan-model-body.ts'
import { serveRouteModels } from './serve-models.ts'
import { isOperation, operationRules, pickMainOperation } from './surfaces/operations.ts'

/** `rest`: what follows the route's path, empty or beginning with a slash. */
export async function serveRoute(
  plane: DataPlane,
  exchange: Exchange,
  head: RequestHead,
  route: BoundRoute,
  rest: string,
): Promise<void> {
  exchange.route = route
  const found = authenticateRoute(head, route)
  exchange.caller = found instanceof Promise ? await awaitCaller(exchange, found) : found
  if (route.route.misconfigured !== null) throw new GatewayError('route_misconfigured', route.route.misconfigured)
  checkModelAllowed(exchange.caller, route.route.modelName)
  const limits = listLimits(exchange.caller, route)
  if (route.route.kind === 'service') {
    await admit(plane, exchange, route, limits, null)
    return forwardService(exchange, route, head)
  }
  const suffix = readSuffix(rest)
  if (suffix === 'models' || suffix.startsWith('models/')) {
    return serveRouteModels(exchange, head, route, suffix.slice('models'.length))
  }
  if (isOperation(suffix)) exchange.dialect = operationRules[suffix].dialect
  else if (suffix !== '') throw new GatewayError('route_not_found')
  if (head.method !== 'POST') throw new MethodNotAllowed('POST')
  const forbidden = findForbiddenMembers(exchange.caller, route)
  if (needsBody(limits)) refuseExhausted(plane, exchange, limits, route)
  else await admit(plane, exchange, route, limits, null)

  const isMultipart =
    suffix === '' ? route.route.modelType === 'SpeechToText' : operationRules[suffix].body === 'multipart'
  const kind = isMultipart ? 'multipart' : 'json'
  checkMediaType(head, kind)
  const bytes = await readBody(exchange, plane.bodyLimitBytes)
  const scan = scanModelBody(bytes, head, kind)
  exchange.requestedModel = scan.body.model
  const operation = suffix === '' ? pickMainOperation(route.route.modelType, scan, exchange.dialect) : suffix
  if (operation === null) {
    throw new GatewayError('invalid_request', undefined, {
      publicText: "The body has none of 'messages', 'prompt' and 'input'.",
    })
  }
  exchange.operation = operation
  exchange.dialect = operationRules[operation].dialect
  if (needsBody(limits)) {
    await admit(plane, exchange, route, limits, estimateUsage(route, limits, operation, scan.body))
  }
  return forwardModel(exchange, route, operation, scan.body, forbidden)
}

/** Anthropic's clients append `/v1/messages` to their base URL, OpenAI's `/chat/completions`: both fit behind a route. */
function readSuffix(rest: string): string {
  const suffix = rest.replace(/^\/|\/$/g, '')
  return suffix.startsWith('v1/') ? suffix.slice('v1/'.length) : suffix
}
