// Condition types and reasons, Gateway API vocabulary. A reason is contract: alerts and scripts match on it.

export type ConditionType = 'Accepted' | 'ResolvedRefs' | 'Programmed' | 'Ready' | 'Degraded'

export type ConditionReason =
  | 'Accepted'
  | 'Invalid'
  | 'NameConflict'
  | 'PathConflict'
  | 'ResolvedRefs'
  | 'RefNotFound'
  | 'RefNotPermitted'
  | 'InvalidSecret'
  | 'EndpointMissing'
  | 'NoAuthPolicy'
  | 'LastGoodServing'
  | 'NoTarget'

/** A condition as the compiler states it; times are the status writer's. https://gateway-api.sigs.k8s.io */
export type Condition = Readonly<{
  type: ConditionType
  status: 'True' | 'False' | 'Unknown'
  reason: ConditionReason
  /** Readable text; names the fields that are not in effect. */
  message: string
}>

/** What the compiler has to say of one object. */
export type ResourceStatus = Readonly<{
  kind: string
  namespace: string
  name: string
  observedGeneration: number
  conditions: readonly Condition[]
}>
