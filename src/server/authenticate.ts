// Step 3: who is calling, before anything of the body is read. Only a token that was not seen before makes it wait.
import { GatewayError } from '../errors/gateway-error.ts'
import { type Caller, mayUseModel } from '../policies/authentication/caller.ts'
import { digestPresented, findCallers, type KeyIndex, readPresentedKey } from '../policies/authentication/enforce.ts'
import { isTokenShaped } from '../policies/jwt/parse-token.ts'
import type { BoundMember, BoundModel, BoundRoute, BoundTable } from '../upstream/bound-route.ts'
import type { RequestHead } from '../wire/request-head.ts'

/** What a key or token was found to be on the shared surface, where the model, and so the route, is not known yet. */
export type SharedCallers = Readonly<{ callers: readonly Caller[]; refusal: GatewayError | null }>

/**
 * The caller of a route; null where anybody may call. Throws 401, or `token_keys_unavailable`; 403 is
 * `checkModelAllowed`'s.
 */
export function authenticateRoute(head: RequestHead, route: BoundRoute): Caller | null | Promise<Caller | null> {
  if (route.keys === null) return null
  const found = identify(route.keys, readPresentedKey(head))
  return found instanceof Promise ? found.then((late) => requireCaller(late, route)) : requireCaller(found, route)
}

function requireCaller({ callers, refusal }: SharedCallers, route: BoundRoute): Caller {
  const caller = chooseCaller(callers, route.route.modelName)
  if (caller === undefined) throw refusal ?? new GatewayError('invalid_api_key')
  return caller
}

/** Throws as above unless some model asks for no key: then the answer waits until the model is known. */
export function authenticateShared(head: RequestHead, bound: BoundTable): SharedCallers | Promise<SharedCallers> {
  const found = identify(bound.sharedKeys, readPresentedKey(head))
  return found instanceof Promise ? found.then((late) => checkShared(late, bound)) : checkShared(found, bound)
}

export function checkShared(found: SharedCallers, bound: BoundTable): SharedCallers {
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
  return callers.find((caller) => mayUseModel(caller, modelName)) ?? first
}

export function checkModelAllowed(caller: Caller | null, modelName: string | null): void {
  if (caller !== null && modelName !== null && !mayUseModel(caller, modelName)) {
    throw new GatewayError('model_not_allowed')
  }
}

/** As `listForbiddenMembers`; throws 403 when the caller may use none. */
export function findForbiddenMembers(caller: Caller | null, route: BoundRoute): readonly BoundMember[] {
  const forbidden = listForbiddenMembers(caller, route)
  if (forbidden.length > 0 && forbidden.length === route.tiers.reduce((count, { length }) => count + length, 0)) {
    throw new GatewayError('model_not_allowed')
  }
  return forbidden
}

/**
 * The members of a route without a model name of its own that the caller may not use: each is a model by its own name.
 */
export function listForbiddenMembers(caller: Caller | null, route: BoundRoute): readonly BoundMember[] {
  if (caller === null || route.route.modelName !== null || mayUseModel(caller, null)) return []
  return route.tiers.flatMap((tier) =>
    tier.filter(({ target }) => target.modelName !== null && !mayUseModel(caller, target.modelName)),
  )
}

/** May this caller see the model in a list? */
export function canUseModel(shared: SharedCallers, model: BoundModel): boolean {
  const { authentication } = model.route.route
  if (!authentication.required) return true
  return shared.callers.some(
    (caller) => authentication.keySetIds.includes(caller.keySetId) && mayUseModel(caller, model.entry.modelName),
  )
}

const nobody: readonly Caller[] = Object.freeze([])

/** `key`: as presented, null for none. Keys and tokens that were seen before are known at once. */
export function identify(keys: KeyIndex, key: string | null): SharedCallers | Promise<SharedCallers> {
  if (key === null) return refuse(new GatewayError('missing_api_key'))
  const digest = digestPresented(key)
  const callers = findCallers(keys, key, digest) ?? keys.tokens?.findSeen(digest)
  if (callers !== undefined) return { callers, refusal: null }
  if (keys.tokens === null || !isTokenShaped(key)) return refuse(new GatewayError('invalid_api_key'))
  return keys.tokens.verify(key, digest).then((found) => ({ callers: found, refusal: null }), refuse)
}

function refuse(refusal: unknown): SharedCallers {
  if (!(refusal instanceof GatewayError)) throw refusal
  return { callers: nobody, refusal }
}
