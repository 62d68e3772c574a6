// Gives a request the token of its target. Synchronous once there is one.
import type { UpstreamRequest } from '../upstream-request.ts'
import type { Authorizer } from './authorizer.ts'
import type { TokenSource } from './token-source.ts'

/** `edit`: what else this credential knows of the request. */
export function createTokenAuthorizer(
  source: TokenSource,
  edit: (request: UpstreamRequest) => UpstreamRequest = (request) => request,
): Authorizer {
  const carry = (request: UpstreamRequest, token: string): UpstreamRequest => {
    const headers = request.headers.filter((_part, at) => !isAuthorization(request.headers[at - (at % 2)]))
    headers.push('authorization', `Bearer ${token}`)
    return { ...edit(request), headers }
  }
  return {
    authorize(request) {
      const token = source.get()
      return typeof token === 'string' ? carry(request, token) : token.then((fetched) => carry(request, fetched))
    },
    async renew({ headers }) {
      const at = headers.findIndex((part, index) => index % 2 === 0 && isAuthorization(part))
      return at >= 0 && source.renew((headers[at + 1] ?? '').replace(/^Bearer /, ''))
    },
    close: () => source.close(),
  }
}

function isAuthorization(name: string | undefined): boolean {
  return name?.toLowerCase() === 'authorization'
}
