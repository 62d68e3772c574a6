// What ConsistentHash keeps requests together by, as 32 bits: the caller, its address, a header, or how the prompt begins.
import { hashText } from '../routing/strategies/hash-ring.ts'
import { hashPrompt } from '../wire/hash-prompt.ts'
import type { Exchange } from './exchange.ts'

export type HashSubject = Pick<Exchange, 'caller' | 'clientAddress' | 'head' | 'requestBytes' | 'prompt'>

/** Null: the request has none of it. */
export type ReadHash = (exchange: HashSubject) => number | null

/** `key`: a route's `strategy.hashKey`; header names in lower case. */
export function createHashReader(key: string): ReadHash {
  switch (key) {
    case 'Consumer':
      return ({ caller }) => (caller === null ? null : hashText(caller.id))
    case 'ClientIP':
      return ({ clientAddress }) => (clientAddress === '' ? null : hashText(clientAddress))
    case 'PromptPrefix':
      return ({ requestBytes, prompt }) =>
        requestBytes === null || prompt === null ? null : hashPrompt(requestBytes, prompt)
    default:
      return createHeaderReader(key.slice(key.indexOf(':') + 1))
  }
}

function createHeaderReader(name: string): ReadHash {
  return ({ head }) => {
    const value = head?.values[head.names.indexOf(name)] ?? ''
    return value === '' ? null : hashText(value)
  }
}
