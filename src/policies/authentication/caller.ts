// Who is calling, once it is known: what limits, models and the log go by.
import type { Consumer, KeySet } from '../../routing/key-set.ts'
import type { Limit } from '../../routing/limit.ts'
import { isModelAllowed } from '../../routing/model-index.ts'

/** An authenticated caller. */
export type Caller = Readonly<{
  consumer: string
  keySetId: string
  /** `policy/consumer`: no other caller's, whatever names hold. */
  id: string
  /** Exact names and `*` globs of what its policy lets it use; null: everything. */
  models: readonly string[] | null
  /** What its token lets it use, in the same form: both must. Null: a key, or a token that does not say. */
  tokenModels: readonly string[] | null
  /** Its own, besides those of the route. */
  limits: readonly Limit[]
  /** A name from the configuration, for metrics: `policy/consumer`, or `policy/defaults` for one no policy names. */
  group: string
}>

/** `consumer`: one of the set's, or one that only a token names. */
export function bindCaller(
  keySet: KeySet,
  { name, isNamed, models, limits }: Consumer,
  tokenModels: readonly string[] | null = null,
): Caller {
  const group = `${keySet.id}/${isNamed ? name : 'defaults'}`
  return { consumer: name, keySetId: keySet.id, id: `${keySet.id}/${name}`, models, tokenModels, limits, group }
}

/** `modelName` null: every model, whatever its name. */
export function mayUseModel({ models, tokenModels }: Caller, modelName: string | null): boolean {
  if (modelName === null) return models === null && tokenModels === null
  return isModelAllowed(models, modelName) && isModelAllowed(tokenModels, modelName)
}
