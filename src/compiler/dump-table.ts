// Owns how a table is shown to people (`/config`): everything that routes, nothing that could help to guess a secret.
import type { KeySet } from '../routing/key-set.ts'
import type { RoutingTable, Target } from '../routing/table.ts'

/** JSON-able. Key digests become counts by consumer, secret ids lose their digest of the value. */
export function dumpTable(table: RoutingTable): unknown {
  return {
    digest: table.digest,
    targets: table.targets.map(dumpTarget),
    routes: table.routes,
    models: table.models,
    keySets: table.keySets.map(dumpKeySet),
  }
}

function dumpTarget(target: Target): unknown {
  const { credential, endpoint } = target
  return {
    ...target,
    endpoint: {
      ...endpoint,
      tls: endpoint.tls && { ...endpoint.tls, caPem: endpoint.tls.caPem === null ? null : '[PEM]' },
    },
    credential: credential && { ...credential, secretId: credential.secretId.replace(/@[^@]*$/, '@[redacted]') },
  }
}

function dumpKeySet({ id, consumers, defaults, keys, issuers }: KeySet): unknown {
  const counts = new Map<string, number>()
  for (const { consumer } of keys) counts.set(consumer, (counts.get(consumer) ?? 0) + 1)
  return {
    id,
    consumers: consumers.map((consumer) => ({ ...consumer, keys: counts.get(consumer.name) ?? 0 })),
    defaults,
    issuers,
  }
}
