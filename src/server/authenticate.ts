// Step 3: who is calling, before anything of the body is read.
import { GatewayError } from '../errors/gateway-error.ts'
import { type Caller, findCallers, type KeyIndex, readPresentedKey } from '../policies/authentication/enforce.ts'
import { isModelAllowed } from '../routing/model-index.ts'
import type { BoundMember, BoundModel, BoundRoute, BoundTable } from '../upstream/bound-route.ts'
import type { RequestHead } from '../wire/request-head.ts'

/** What a key was found to be on the shared surface, where the model, and so the route, is not known yet. */
export type SharedCallers = Readonly<{ callers: readonly Caller[]; refusal: GatewayError | null }>

/** The caller of a route; null where anybody may call. Throws 401; 403 is `checkModelAllowed`'s. */
export function authenticateRoute(head: RequestHead, route: BoundRoute): Caller | null {
  if (route.keys === null) return null
  const { callers, refusal } = find(head, route.keys)
  const caller = chooseCaller(callers, route.route.modelName)
  if (caller === undefined) throw refusal ?? new GatewayError('invalid_api_key')
  return caller
}

/** Throws 401 unless some model asks for no key: then the answer waits until the model is known. */
export function authenticateShared(head: RequestHead, bound: BoundTable): SharedCallers {
  const found = find(head, bound.sharedKeys)
  if (found.refusal !== null && !bound.hasAnonymousModel) throw found.refusal
  return found
}

/** Step 7: the caller for this model. Throws 401 without a key, 403 with one that is not for this model. */
export function authorizeModel(shared: SharedCallers, model: BoundModel): Caller | null {
  const { authentication } = model.route.route
  if (!authentication.required) return null
  if (shared.refusal !== null) throw shared.refusal
  const callers = shared.callers.filter(({ keySetId }) => authentication.keySetIds.includes(keySetId))
  const caller = chooseCaller(callers, model.entry.modelName)
  if (caller === undefined) throw new GatewayError('model_not_allowed')
  checkModelAllowed(caller, model.entry.modelName)
  return caller
}

/**
 * A key that several policies hold may use what any of them lets it use: the first that does is its caller. Where the
 * route names no model, the first that lets it use every one.
 */
export function chooseCaller(callers: readonly Caller[], modelName: string | null): Caller | undefined {
  const first = callers[0]
  if (callers.length < 2) return first
  return (
    callers.find(({ models }) => (modelName === null ? models === null : isModelAllowed(models, modelName))) ?? first
  )
}

export function checkModelAllowed(caller: Caller | null, modelName: string | null): void {
  if (caller !== null && modelName !== null && !isModelAllowed(caller.models, modelName)) {
    throw new GatewayError('model_not_allowed')
  }
}

/**
 * The members of a route without a model name of its own that the caller may not use: each is a model by its own name.
 * Throws 403 when it may use none.
 */
export function findForbiddenMembers(caller: Caller | null, route: BoundRoute): readonly BoundMember[] {
  if (caller === null || caller.models === null || route.route.modelName !== null) return []
  const { models } = caller
  const members = route.tiers.flat()
  const forbidden = members.filter(
    ({ target }) => target.modelName !== null && !isModelAllowed(models, target.modelName),
  )
  if (members.length > 0 && forbidden.length === members.length) throw new GatewayError('model_not_allowed')
  return forbidden
}

/** May this caller see the model in a list? */
export function canUseModel(shared: SharedCallers, model: BoundModel): boolean {
  const { authentication } = model.route.route
  if (!authentication.required) return true
  return shared.callers.some(
    ({ keySetId, models }) =>
      authentication.keySetIds.includes(keySetId) && isModelAllowed(models, model.entry.modelName),
  )
}

function find(head: RequestHead, keys: KeyIndex): SharedCallers {
  const key = readPresentedKey(head)
  if (key === null) return { callers: [], refusal: new GatewayError('missing_api_key') }
  const callers = findCallers(keys, key)
  if (callers === undefined) return { callers: [], refusal: new GatewayError('invalid_api_key') }
  return { callers, refusal: null }
}
