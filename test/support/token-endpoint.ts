// The token endpoint of an issuer, on a real socket: hands out `token-1`, `token-2` … of one hour, unless told otherwise.
import { generateKeyPairSync } from 'node:crypto'
import { createHttpBackend, type HttpBackend, type HttpBackendHandler, json } from './http-backend.ts'

export type TokenEndpoint = HttpBackend & Readonly<{ tokenUrl: string; restore: () => void }>

export async function createTokenEndpoint(): Promise<TokenEndpoint> {
  let count = 0
  const handOut: HttpBackendHandler = (request, response) =>
    json(200, { access_token: `token-${++count}`, expires_in: 3600, token_type: 'Bearer' })(request, response)
  const backend = await createHttpBackend(handOut)
  return { ...backend, tokenUrl: `${backend.url}/token`, restore: () => backend.setHandler(handOut) }
}

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })

export const serviceAccountPublicKey = publicKey
export const serviceAccountPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

/** A key file as Google's console writes it. */
export function createKeyFile(tokenUri: string, fields: Readonly<Record<string, unknown>> = {}): string {
  const file = {
    type: 'service_account',
    project_id: 'acme-models-42',
    private_key_id: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b',
    private_key: serviceAccountPem,
    client_email: 'sluice@acme-models-42.iam.gserviceaccount.com',
    client_id: '110169484474386276334',
    auth_uri: 'https://accounts.google.com/o/oauth2/auth',
    token_uri: tokenUri,
    universe_domain: 'googleapis.com',
    ...fields,
  }
  return JSON.stringify(file, null, 2)
}
