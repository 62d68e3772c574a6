// What the API server must be shown: headers and TLS material, read from the kubeconfig through the client library, which
// runs exec plugins and re-reads token files. Holds secrets; never logs.
import type { RequestOptions } from 'node:https'
import type { KubeConfig } from '@kubernetes/client-node'
import { isRecord } from '../../is-record.ts'

export type TlsMaterial = Readonly<{
  ca?: Buffer
  cert?: Buffer | string
  key?: Buffer | string
  rejectUnauthorized?: boolean
  servername?: string
}>

export type ApiCredentials = Readonly<{ headers: Readonly<Record<string, string>>; tls: TlsMaterial }>

/** Fresh for each call (the library caches what is costly). Rejects when an exec plugin fails or a file is gone. */
export async function readApiCredentials(kubeConfig: KubeConfig): Promise<ApiCredentials> {
  // As kubectl: nothing is sent over plain HTTP that a listener could use.
  if (kubeConfig.getCurrentCluster()?.server.startsWith('http:')) return { headers: {}, tls: {} }
  const options: RequestOptions & { servername?: string } = { headers: {} }
  await kubeConfig.applyToHTTPSOptions(options)
  const headers: Record<string, string> = {}
  if (isRecord(options.headers)) {
    // Trimmed: a token file ends in a newline as often as not.
    for (const [name, value] of Object.entries(options.headers)) headers[name.toLowerCase()] = String(value).trim()
  }
  if (typeof options.auth === 'string') headers.authorization = `Basic ${Buffer.from(options.auth).toString('base64')}`
  return {
    headers,
    tls: {
      ...(Buffer.isBuffer(options.ca) ? { ca: options.ca } : {}),
      ...(isKeyMaterial(options.cert) ? { cert: options.cert } : {}),
      ...(isKeyMaterial(options.key) ? { key: options.key } : {}),
      ...(options.rejectUnauthorized === undefined ? {} : { rejectUnauthorized: options.rejectUnauthorized }),
      ...(options.servername === undefined ? {} : { servername: options.servername }),
    },
  }
}

function isKeyMaterial(value: unknown): value is Buffer | string {
  return typeof value === 'string' || Buffer.isBuffer(value)
}
