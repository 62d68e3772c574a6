// All reflectors of one kind (one, or one a namespace) as one sorted, typed, cached list.
import type { RejectedResource } from '../../api/resource-set.ts'
import type { KubernetesObject } from './kubernetes-object.ts'
import type { ParsedResource } from './parse-resource.ts'
import type { Reflector } from './reflector.ts'

export type KindSnapshot<T> = Readonly<{ resources: readonly T[]; rejected: readonly RejectedResource[] }>

export class KindMirror<T> {
  readonly reflectors: readonly Reflector[]
  readonly #parse: (object: KubernetesObject) => ParsedResource<T>
  /** An object is parsed once, however often the kind is read. */
  readonly #parsed = new WeakMap<KubernetesObject, ParsedResource<T>>()
  #snapshot: KindSnapshot<T> | null = null

  /** `createReflectors` is given what the reflectors must call on every change. */
  constructor(
    parse: (object: KubernetesObject) => ParsedResource<T>,
    createReflectors: (onChange: () => void) => readonly Reflector[],
    onChange: () => void,
  ) {
    this.#parse = parse
    this.reflectors = createReflectors(() => {
      this.#snapshot = null
      onChange()
    })
  }

  /** By namespace, then name, as code units; the same snapshot until something changes. */
  read(): KindSnapshot<T> {
    this.#snapshot ??= this.#build()
    return this.#snapshot
  }

  #build(): KindSnapshot<T> {
    const entries = this.reflectors.flatMap((reflector) => [...reflector.objects])
    entries.sort(([a], [b]) => (a < b ? -1 : 1))
    const resources: T[] = []
    const rejected: RejectedResource[] = []
    for (const [, object] of entries) {
      const parsed = this.#readParsed(object)
      if ('resource' in parsed) resources.push(parsed.resource)
      else rejected.push(parsed.rejected)
    }
    return Object.freeze({ resources: Object.freeze(resources), rejected: Object.freeze(rejected) })
  }

  #readParsed(object: KubernetesObject): ParsedResource<T> {
    const known = this.#parsed.get(object)
    if (known !== undefined) return known
    const parsed = this.#parse(object)
    this.#parsed.set(object, parsed)
    return parsed
  }
}
