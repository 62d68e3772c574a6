// The policies of a route that nobody wrote: what the CRD's defaults make of an empty AIGatewayRoute.
import type { AIGatewayRouteParts } from './parse-ai-gateway-route.ts'

export const defaultPolicies: AIGatewayRouteParts['policies'] = Object.freeze({
  strategy: Object.freeze({ type: 'WeightedRandom', hashKey: null }),
  limits: Object.freeze([]),
  retry: Object.freeze({ attempts: 2, conditions: Object.freeze(['connect-failure']), backoffMs: 25 }),
  timeouts: Object.freeze({ connectMs: null, firstByteMs: null, idleMs: null, totalMs: null }),
  rewritePrefix: null,
  requestHeaders: Object.freeze({ set: Object.freeze([]), remove: Object.freeze([]) }),
  responseHeaders: Object.freeze({ set: Object.freeze([]), remove: Object.freeze([]) }),
})
