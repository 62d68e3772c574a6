// Which Services anything of ours may lead to. A cluster has thousands of others: their pods come and go all day, and
// nobody need be woken for that.
import { type ObjectMeta, readNamespace } from '../../api/resource.ts'
import type { ResourceSet } from '../../api/resource-set.ts'
import type { EndpointSlice, Service } from '../../api/service.ts'

type Naming = Pick<ResourceSet, 'aiModels' | 'aiGatewayRoutes' | 'llmModelConfigs'>
type Network = Pick<ResourceSet, 'services' | 'endpointSlices'>

const serviceName = /([a-z0-9-]+)\.([a-z0-9-]+)\.svc(?![a-z0-9-])/g
/** Names that were named before are kept for objects whose last good version is served; not for ever. */
const maxFormerNames = 10_000

export class NamedServices {
  #naming: Naming | null = null
  #names = new Set<string>()
  #network: Network = { services: Object.freeze([]), endpointSlices: Object.freeze([]) }

  /** Those of `network` that are named; the same lists while they come to the same. */
  pick(naming: Naming, { services, endpointSlices }: Network): Network {
    this.#learn(naming)
    const picked = {
      services: services.filter(({ metadata }) => this.#isNamed(metadata, metadata.name)),
      endpointSlices: endpointSlices.filter(({ metadata, serviceName: name }) => this.#isNamed(metadata, name)),
    }
    const before = this.#network
    this.#network = {
      services: isSameList(before.services, picked.services) ? before.services : Object.freeze(picked.services),
      endpointSlices: isSameList(before.endpointSlices, picked.endpointSlices)
        ? before.endpointSlices
        : Object.freeze(picked.endpointSlices),
    }
    return this.#network
  }

  #isNamed(metadata: ObjectMeta, name: string): boolean {
    return this.#names.has(`${readNamespace({ metadata })}/${name}`)
  }

  #learn(naming: Naming): void {
    const { aiModels, aiGatewayRoutes, llmModelConfigs } = naming
    const before = this.#naming
    const isSame =
      before?.aiModels === aiModels &&
      before.aiGatewayRoutes === aiGatewayRoutes &&
      before.llmModelConfigs === llmModelConfigs
    if (isSame) return
    this.#naming = { aiModels, aiGatewayRoutes, llmModelConfigs }
    if (this.#names.size > maxFormerNames) this.#names = new Set()
    for (const { spec } of aiModels) this.#addNames(spec.endpoint)
    for (const { spec } of aiGatewayRoutes) this.#addNames(spec.targetService)
    for (const { metadata, status } of llmModelConfigs) {
      this.#names.add(`${readNamespace({ metadata })}/${metadata.name}`)
      this.#addNames(status?.modelEndpoint)
    }
  }

  #addNames(text: unknown): void {
    if (typeof text !== 'string') return
    for (const [, name = '', namespace = ''] of text.toLowerCase().matchAll(serviceName)) {
      this.#names.add(`${namespace}/${name}`)
    }
  }
}

function isSameList<T extends Service | EndpointSlice>(one: readonly T[], other: readonly T[]): boolean {
  return one.length === other.length && one.every((item, at) => item === other[at])
}
