// Owns how Secrets are found: by name, and by labels within a namespace.
import { readNamespace, type Secret } from '../api/resource.ts'
import type { SecretLookup } from '../policies/authentication/compile.ts'
import { compareText } from './order.ts'

const none: readonly Secret[] = Object.freeze([])

export function indexSecrets(secrets: readonly Secret[]): SecretLookup {
  const byId = new Map<string, Secret>()
  const byLabel = new Map<string, Secret[]>()
  for (const secret of secrets) {
    const namespace = readNamespace(secret)
    byId.set(`${namespace}/${secret.metadata.name}`, secret)
    for (const [name, value] of Object.entries(secret.metadata.labels ?? {})) {
      const key = `${namespace}\n${name}\n${value}`
      const list = byLabel.get(key)
      if (list === undefined) byLabel.set(key, [secret])
      else list.push(secret)
    }
  }
  return {
    find: (namespace, name) => byId.get(`${namespace}/${name}`),
    select(namespace, labels) {
      const [first, ...others] = Object.entries(labels)
      if (first === undefined) return none
      const candidates = byLabel.get(`${namespace}\n${first[0]}\n${first[1]}`) ?? none
      return candidates
        .filter((secret) => others.every(([name, value]) => secret.metadata.labels?.[name] === value))
        .sort((a, b) => compareText(a.metadata.name, b.metadata.name))
    },
  }
}
