// Google's token endpoint: exchanges an assertion signed by a service account for a bearer token, strictly.
// https://developers.google.com/identity/protocols/oauth2/service-account#httprest
import { exportPKCS8, generateKeyPair, jwtVerify } from 'jose'
import { createHttpBackend, json } from '../../support/http-backend.ts'

export type TokenEndpoint = Readonly<{
  /** The key file of the service account, as JSON. */
  keyFile: string
  /** The token given out; null: none yet. */
  readToken(): string | null
  /** What was wrong with requests. */
  refusals: readonly string[]
  close(): Promise<void>
}>

const email = 'sluice@sluice-test.iam.gserviceaccount.com'

export async function startTokenEndpoint(): Promise<TokenEndpoint> {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true })
  const refusals: string[] = []
  let token: string | null = null
  const http = await createHttpBackend(async (request, response) => {
    const form = new URLSearchParams(request.text)
    try {
      if (request.url !== '/token') throw new Error(`path ${request.url}`)
      if (!request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')) throw new Error('type')
      if (form.get('grant_type') !== 'urn:ietf:params:oauth:grant-type:jwt-bearer') throw new Error('grant_type')
      const { payload } = await jwtVerify(form.get('assertion') ?? '', publicKey, {
        algorithms: ['RS256'],
        issuer: email,
        audience: `${http.url}/token`,
      })
      if (payload.scope !== 'https://www.googleapis.com/auth/cloud-platform') throw new Error('scope')
      if ((payload.exp ?? 0) - (payload.iat ?? 0) > 3600) throw new Error('longer than an hour')
    } catch (error) {
      refusals.push(String(error))
      return json(400, { error: 'invalid_grant', error_description: 'Invalid JWT' })(request, response)
    }
    token = 'ya29.c.scripted-canary-token'
    return json(200, { access_token: token, expires_in: 3599, token_type: 'Bearer' })(request, response)
  })
  const keyFile = JSON.stringify({
    type: 'service_account',
    project_id: 'sluice-test',
    private_key_id: '0123456789abcdef0123456789abcdef01234567',
    private_key: await exportPKCS8(privateKey),
    client_email: email,
    client_id: '100000000000000000001',
    auth_uri: 'https://accounts.google.com/o/oauth2/auth',
    token_uri: `${http.url}/token`,
    universe_domain: 'googleapis.com',
  })
  return { keyFile, readToken: () => token, refusals, close: http.close }
}
