// The Source that mirrors a cluster's resources: one reflector a kind, or one a kind and namespace. It constructs the
// reflectors and reads them; how a collection is kept up to date is reflector.ts's.
import { emptyResourceSet, type ResourceSet } from '../../api/resource-set.ts'
import type { EndpointSlice, Service } from '../../api/service.ts'
import type { Source, SourceProblem } from '../source.ts'
import { type ApiClient, createApiClient } from './api-client.ts'
import { type Clock, systemClock } from './clock.ts'
import { KindMirror } from './kind-mirror.ts'
import type { KubernetesObject } from './kubernetes-object.ts'
import { loadKubeconfig } from './load-kubeconfig.ts'
import { NamedServices } from './named-services.ts'
import * as parsing from './parse-resource.ts'
import { type ReflectedKind, reflectedKinds } from './reflected-kinds.ts'
import { Reflector, type ReflectorOptions } from './reflector.ts'
import { type SourceLogger, silentLogger } from './source-logger.ts'

export type KubernetesSourceOptions = Readonly<{
  /** `--kubeconfig`; default as kubectl: KUBECONFIG, ~/.kube/config, the pod's service account. */
  kubeconfigPath?: string
  /** `--context`; default the kubeconfig's current one. */
  context?: string
  /** Empty: all namespaces. */
  namespaces: readonly string[]
  /** Run over each object of our own kinds: objects stored before a schema was tightened are otherwise taken as they are. */
  validate?: parsing.ValidateObject
  logger?: SourceLogger
  clock?: Clock
  /** A watch without a byte for so long is dialled anew. Bookmarks come about every 60 s. Default 90 000. */
  silenceLimitMs?: number
}>

const defaultSilenceLimitMs = 90_000
/** `start` waits no longer for the first answers: a server that hangs must not keep the admin port from opening. */
const startPatienceMs = 5_000

/** Contacts nothing until `start`, which rejects with a one-line ConfigurationError when there is no cluster to talk to. */
export function createKubernetesSource(options: KubernetesSourceOptions): Source {
  const { logger = silentLogger, clock = systemClock } = options
  let mirrors: Mirrors | null = null
  let client: ApiClient | null = null
  let resourceSet: ResourceSet | null = null
  const named = new NamedServices()
  let wasSynced = false
  let isStopped = false
  const told = new Set<string>()

  const listReflectors = () => Object.values(mirrors ?? {}).flatMap((mirror) => mirror.reflectors)
  const isSynced = () => mirrors !== null && listReflectors().every((reflector) => reflector.isSynced)
  const readProblems = () => collectProblems(listReflectors(), client?.origin ?? '')

  /** Later the reconciler's report tells of problems; before the first table there is none. */
  const tellWhileUnsynced = () => {
    if (isSynced()) return
    for (const { location, reason } of readProblems()) {
      const line = `${location}: ${reason}`
      if (told.has(line)) continue
      told.add(line)
      logger.warn({ object: location }, `${line}; will try again`)
    }
  }

  return {
    name: 'kubernetes',
    async start(onDirty) {
      if (client !== null || isStopped) throw new Error('a source starts once')
      const { kubeconfigPath, context } = options
      const load = () =>
        loadKubeconfig({
          ...(kubeconfigPath === undefined ? {} : { kubeconfigPath }),
          ...(context === undefined ? {} : { context }),
        })
      client = createApiClient(load, clock)
      const onChange = () => {
        resourceSet = null
        wasSynced ||= isSynced()
        onDirty()
      }
      const onNetworkChange = () => {
        if (!wasSynced || resourceSet === null || mirrors === null) return onChange()
        const { services, endpointSlices } = pickNetwork(mirrors, named)
        const isSame = services === resourceSet.services && endpointSlices === resourceSet.endpointSlices
        if (!isSame) onChange()
      }
      const onProblem = () => {
        // Problems are part of what is reported, so their change is worth a look too.
        onDirty()
        tellWhileUnsynced()
      }
      const onRecovered = () => {
        for (const reflector of listReflectors()) reflector.retrySoon()
      }
      mirrors = createMirrors(options, { client, clock, logger, onProblem, onRecovered }, onChange, onNetworkChange)
      const attempts = Promise.all(listReflectors().map((reflector) => reflector.start()))
      const patience = Promise.withResolvers<void>()
      const cancelPatience = clock.startTimer(patience.resolve, startPatienceMs)
      await Promise.race([attempts, patience.promise])
      cancelPatience()
    },
    isSynced,
    read() {
      if (mirrors === null) return emptyResourceSet
      resourceSet ??= collect(mirrors, named)
      return resourceSet
    },
    readProblems,
    readLastEventAges() {
      const ages = new Map<string, number>()
      for (const reflector of listReflectors()) {
        const ageMs = clock.readNowMs() - reflector.lastHeardMs
        // Of several namespaces the one that was silent longest.
        ages.set(reflector.collection.kind, Math.max(ageMs, ages.get(reflector.collection.kind) ?? 0))
      }
      return ages
    },
    async stop() {
      isStopped = true
      await Promise.all(listReflectors().map((reflector) => reflector.stop()))
      await client?.close()
    },
  }
}

type Mirrors = ReturnType<typeof createMirrors>

function createMirrors(
  options: KubernetesSourceOptions,
  shared: Pick<ReflectorOptions, 'client' | 'clock' | 'logger' | 'onProblem' | 'onRecovered'>,
  onChange: () => void,
  onNetworkChange: () => void,
) {
  const namespaces = options.namespaces.length === 0 ? [null] : [...new Set(options.namespaces)]
  const validate = options.validate ?? null
  const silenceLimitMs = options.silenceLimitMs ?? defaultSilenceLimitMs

  function mirror<T>(
    kind: ReflectedKind,
    parse: (object: KubernetesObject) => parsing.ParsedResource<T>,
    onMirrorChange = onChange,
  ): KindMirror<T> {
    const createReflectors = (onKindChange: () => void) =>
      namespaces.map((namespace) => {
        const collection = namespace === null ? kind : { ...kind, namespace }
        return new Reflector({ ...shared, collection, silenceLimitMs, onChange: onKindChange })
      })
    return new KindMirror(parse, createReflectors, onMirrorChange)
  }

  const { parseResource, findSpecFaults, findSecretFaults, findGrantFaults } = parsing
  const own = <T>(isShape: (value: unknown) => value is T) => {
    return (object: KubernetesObject) => parseResource(object, isShape, findSpecFaults, validate)
  }
  const takeReduced = <T>(isShape: (value: unknown) => value is T) => {
    return (object: KubernetesObject) => parseResource(object, isShape, () => [], null)
  }
  return {
    aiModels: mirror(reflectedKinds.aiModels, own(parsing.isAIModel)),
    aiGatewayRoutes: mirror(reflectedKinds.aiGatewayRoutes, own(parsing.isAIGatewayRoute)),
    aiAuthPolicies: mirror(reflectedKinds.aiAuthPolicies, own(parsing.isAIAuthPolicy)),
    llmModelConfigs: mirror(reflectedKinds.llmModelConfigs, own(parsing.isLLMModelConfig)),
    secrets: mirror(reflectedKinds.secrets, (object) =>
      parseResource(object, parsing.isSecret, findSecretFaults, null),
    ),
    services: mirror<Service>(reflectedKinds.services, takeReduced(parsing.isService), onNetworkChange),
    endpointSlices: mirror<EndpointSlice>(
      reflectedKinds.endpointSlices,
      takeReduced(parsing.isEndpointSlice),
      onNetworkChange,
    ),
    referenceGrants: mirror(reflectedKinds.referenceGrants, (object) =>
      parseResource(object, parsing.isReferenceGrant, findGrantFaults, null),
    ),
  }
}

function pickNetwork(mirrors: Mirrors, named: NamedServices) {
  return named.pick(
    {
      aiModels: mirrors.aiModels.read().resources,
      aiGatewayRoutes: mirrors.aiGatewayRoutes.read().resources,
      llmModelConfigs: mirrors.llmModelConfigs.read().resources,
    },
    { services: mirrors.services.read().resources, endpointSlices: mirrors.endpointSlices.read().resources },
  )
}

function collect(mirrors: Mirrors, named: NamedServices): ResourceSet {
  const rejected = Object.values(mirrors).flatMap((mirror) => mirror.read().rejected)
  return Object.freeze({
    aiModels: mirrors.aiModels.read().resources,
    aiGatewayRoutes: mirrors.aiGatewayRoutes.read().resources,
    aiAuthPolicies: mirrors.aiAuthPolicies.read().resources,
    llmModelConfigs: mirrors.llmModelConfigs.read().resources,
    secrets: mirrors.secrets.read().resources,
    referenceGrants: mirrors.referenceGrants.read().resources,
    ...pickNetwork(mirrors, named),
    rejected: Object.freeze(rejected),
  })
}

/** A server that is down is one problem, not one for each kind; what differs by kind is listed by kind. */
function collectProblems(reflectors: readonly Reflector[], origin: string): readonly SourceProblem[] {
  const problems: SourceProblem[] = []
  let ofServer: string | null = null
  for (const { collection, problem, isServersTrouble } of reflectors) {
    if (problem === null) continue
    const scope = collection.namespace === undefined ? '' : ` in ${collection.namespace}`
    if (!isServersTrouble) problems.push({ location: `kubernetes ${collection.plural}${scope}`, reason: problem })
    else ofServer ??= problem
  }
  return ofServer === null ? problems : [{ location: 'kubernetes', reason: `${origin}: ${ofServer}` }, ...problems]
}
