// The shared OpenAI surface: `model` in the body picks the target.
import { GatewayError } from '../errors/gateway-error.ts'
import type { Operation } from '../providers/operation.ts'
import type { Exchange } from '../upstream/exchange.ts'
import type { RequestHead } from '../wire/request-head.ts'
import { admit, listLimits, refuseExhausted } from './admit.ts'
import { authenticateShared, authorizeModel } from './authenticate.ts'
import { awaitCaller } from './await-caller.ts'
import type { DataPlane } from './data-plane.ts'
import { estimateUsage } from './estimate-usage.ts'
import { forwardHeldBody, forwardModel } from './forward-model.ts'
import { MethodNotAllowed } from './method-not-allowed.ts'
import { readBody } from './read-body.ts'
import { checkMediaType, scanModelBody } from './scan-model-body.ts'
import { modelNotFound } from './serve-models.ts'
import { operationRules } from './surfaces/operations.ts'

export async function serveOperation(
  plane: DataPlane,
  exchange: Exchange,
  head: RequestHead,
  operation: Operation,
): Promise<void> {
  exchange.operation = operation
  exchange.dialect = operationRules[operation].dialect
  if (head.method !== 'POST') throw new MethodNotAllowed('POST')
  const found = authenticateShared(head, exchange.bound)
  const shared = found instanceof Promise ? await awaitCaller(exchange, found) : found
  const [caller = null, other] = shared.callers
  exchange.caller = caller
  // Of a key in several policies only the model tells whose limits count.
  if (caller !== null && other === undefined) refuseExhausted(plane, exchange, caller.limits, null)
  const rules = operationRules[operation]
  checkMediaType(head, rules.body)
  const bytes = await readBody(exchange, plane.bodyLimitBytes)
  const scan = scanModelBody(bytes, head, rules.body)
  if (scan.body.model === null) {
    throw new GatewayError('missing_model', undefined, { param: 'model' })
  }
  exchange.requestedModel = scan.body.model
  const model = exchange.bound.models.find(scan.body.model)
  if (model === undefined) throw shared.refusal ?? modelNotFound(scan.body.model)
  exchange.caller = authorizeModel(shared, model)
  const { route } = model
  exchange.route = route
  if (route.route.misconfigured !== null) throw new GatewayError('route_misconfigured', route.route.misconfigured)
  const limits = listLimits(exchange.caller, route)
  await admit(plane, exchange, route, limits, estimateUsage(route, limits, operation, scan.body))
  if (route.route.kind === 'service') return forwardHeldBody(exchange, route, bytes)
  return forwardModel(exchange, route, operation, scan.body)
}
