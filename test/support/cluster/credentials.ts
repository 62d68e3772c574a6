// The files that let clients and servers of one control plane trust each other: token file, signing key, kubeconfigs.
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A user of the token file: `admin` may do everything, others what RBAC grants them or their groups. */
export type ClusterUser = Readonly<{ name: string; groups?: readonly string[] }>

export const adminUser: ClusterUser = { name: 'admin', groups: ['system:masters'] }

/** Makes a token for each user and writes `tokens.csv`. Returns the tokens by user name. */
export function writeTokenFile(folder: string, users: readonly ClusterUser[]): Readonly<Record<string, string>> {
  const tokens = Object.fromEntries(users.map(({ name }) => [name, randomBytes(16).toString('hex')]))
  const lines = users.map(({ name, groups }) => `${tokens[name]},${name},${name},"${(groups ?? []).join(',')}"`)
  writeFileSync(join(folder, 'tokens.csv'), `${lines.join('\n')}\n`, { mode: 0o600 })
  return tokens
}

/** Writes the RSA key that signs service-account tokens; returns its path. */
export function writeServiceAccountKey(folder: string): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const path = join(folder, 'service-account.key')
  writeFileSync(path, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  return path
}

/** Writes `<user>.kubeconfig` (JSON, which is YAML); returns its path. */
export function writeKubeconfig(folder: string, server: string, caPath: string, user: string, token: string): string {
  const path = join(folder, `${user}.kubeconfig`)
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server, 'certificate-authority': caPath } }],
    users: [{ name: user, user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user } }],
    'current-context': 'test',
  }
  writeFileSync(path, JSON.stringify(config, null, 2), { mode: 0o600 })
  return path
}
