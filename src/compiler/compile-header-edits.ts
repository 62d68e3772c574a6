// Owns which header changes a manifest may ask for. What frames a message, names its host or carries a credential
// is the gateway's alone (RFC 9110 section 7.6.1, RFC 9112 section 6).

import { collect, type Findings, SpecError } from '../api/findings.ts'
import type { HeaderEdits } from '../routing/table.ts'
import { credentialNames, hopByHopNames, isForwardedName, isGatewayOwned } from '../wire/header-names.ts'

const ownNames: ReadonlySet<string> = new Set([
  ...hopByHopNames,
  ...credentialNames,
  'expect',
  'host',
  'content-length',
  'x-request-id',
])

const noEdits: HeaderEdits = Object.freeze({ set: Object.freeze([]), remove: Object.freeze([]) })

/** `field` is the path for messages: `spec.headers`. */
export function compileHeaderEdits(
  spec:
    | Readonly<{ set?: readonly Readonly<{ name: string; value: string }>[]; remove?: readonly string[] }>
    | undefined,
  field: string,
  findings: Findings,
): HeaderEdits {
  if (spec === undefined) return noEdits
  const set: { name: string; value: string }[] = []
  for (const { name, value } of spec.set ?? []) {
    const parsed = collect(findings, `${field}.set[${name}]`, () => ({
      name: parseName(name),
      value: parseValue(value),
    }))
    if (parsed === null) continue
    if (set.some((edit) => edit.name === parsed.name)) findings.invalid.push(`${field}.set[${name}]: is set twice`)
    else set.push(parsed)
  }
  const remove = new Set<string>()
  for (const name of spec.remove ?? []) {
    const parsed = collect(findings, `${field}.remove[${name}]`, () => parseName(name))
    if (parsed !== null) remove.add(parsed)
  }
  return { set, remove: [...remove] }
}

function parseName(text: string): string {
  const name = text.toLowerCase()
  if (!/^[a-z0-9!#$%&'*+.^`|~-]+$/.test(name)) throw new SpecError('is not a header name')
  if (ownNames.has(name) || isGatewayOwned(name) || isForwardedName(name)) {
    throw new SpecError('this header is the gateway’s own and can’t be changed')
  }
  return name
}

function parseValue(value: string): string {
  if (!/^[\t\x20-\x7e]*$/.test(value) || value !== value.trim()) {
    throw new SpecError('the value has a byte that is not allowed, or white space around it')
  }
  return value
}
