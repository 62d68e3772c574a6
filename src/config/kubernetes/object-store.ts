// The mirrored objects of one collection. Resource versions are compared for equality only: they have no order.
import { type KubernetesObject, readResourceVersion, readStoreKey } from './kubernetes-object.ts'

export class ObjectStore {
  #objects: Map<string, KubernetesObject> = new Map()
  readonly #isByContent: boolean

  /** `isByContent`: a version that says the same but for its metadata changes nothing, and is not kept. */
  constructor(isByContent = false) {
    this.#isByContent = isByContent
  }

  /** By store key. Live: holds what was last put, in no order. */
  get objects(): ReadonlyMap<string, KubernetesObject> {
    return this.#objects
  }

  /** False when the very same version is here already: a watch repeats events after it resumes. */
  put(object: KubernetesObject): boolean {
    const key = readStoreKey(object)
    if (this.#isSame(this.#objects.get(key), object)) return false
    this.#objects.set(key, object)
    return true
  }

  /** False when there was none. */
  remove(object: KubernetesObject): boolean {
    return this.#objects.delete(readStoreKey(object))
  }

  /** Holds exactly `objects` from now on, keeping the instances whose version did not change. False when nothing did. */
  replace(objects: readonly KubernetesObject[]): boolean {
    const before = this.#objects
    const after = new Map<string, KubernetesObject>()
    let isChanged = before.size !== objects.length
    for (const object of objects) {
      const key = readStoreKey(object)
      const known = before.get(key)
      const isKept = known !== undefined && this.#isSame(known, object)
      if (!isKept) isChanged = true
      after.set(key, isKept ? known : object)
    }
    this.#objects = after
    return isChanged
  }

  #isSame(known: KubernetesObject | undefined, object: KubernetesObject): boolean {
    return isSameVersion(known, object) || (this.#isByContent && isSameContent(known, object))
  }
}

function isSameContent(known: KubernetesObject | undefined, object: KubernetesObject): boolean {
  if (known === undefined) return false
  const { metadata: _known, ...one } = known
  const { metadata: _object, ...other } = object
  return JSON.stringify(one) === JSON.stringify(other)
}

function isSameVersion(known: KubernetesObject | undefined, object: KubernetesObject): boolean {
  if (known === undefined || known.metadata.uid !== object.metadata.uid) return false
  const version = readResourceVersion(object)
  return version !== '' && version === readResourceVersion(known)
}
