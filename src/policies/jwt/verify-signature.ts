// Does this key say so? jose checks the signature; everything that may be asked about the token's form and its key has
// been asked before (parse-token.ts, parse-jwks.ts).
import { compactVerify } from 'jose'
import type { TokenKey } from './parse-jwks.ts'
import { type ParsedToken, refuseToken } from './parse-token.ts'

/** Throws `invalid_api_key`. */
export async function verifySignature({ text, algorithm }: ParsedToken, { key }: TokenKey): Promise<void> {
  try {
    await compactVerify(text, key, { algorithms: [algorithm] })
  } catch {
    throw refuseToken('the signature is not the key’s')
  }
}
