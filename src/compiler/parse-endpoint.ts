// Owns how an address in a manifest becomes an Endpoint. No name is looked up here.
import { isIPv6 } from 'node:net'
import { SpecError } from '../api/findings.ts'
import type { Endpoint } from '../routing/table.ts'

export type EndpointTls = NonNullable<Endpoint['tls']>

const systemTls: EndpointTls = Object.freeze({ caPem: null, serverName: null })

/** `http(s)://host[:port][/base]` → Endpoint. `written` is what a message quotes. Throws SpecError. */
export function parseEndpoint(text: string, written: string = text): Endpoint {
  // The URL parser mends backslashes, tabs and missing slashes (WHATWG URL); a manifest has to be right instead.
  if (!/^https?:\/\/[^\s\\/]/i.test(text) || /[\s\\]/.test(text))
    throw new SpecError(`${quote(written)} is not an http or https URL`)
  const url = URL.parse(text)
  if (url === null) throw new SpecError(`${quote(written)} is not a valid address`)
  // Not quoted: a password must not reach a status.
  if (url.username !== '' || url.password !== '') throw new SpecError('credentials in the URL are not taken')
  if (/[?#]/.test(text)) throw new SpecError(`${quote(written)} has a query or a fragment`)
  if (url.port === '0') throw new SpecError(`${quote(written)} has port 0`)
  const protocol = url.protocol === 'https:' ? 'https:' : 'http:'
  const hostname = url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname
  return {
    protocol,
    hostname,
    port: url.port === '' ? (protocol === 'https:' ? 443 : 80) : Number(url.port),
    basePath: url.pathname.replace(/\/+$/, ''),
    authority: url.host,
    tls: protocol === 'https:' ? systemTls : null,
  }
}

/** `host[:port]`, or a URL as above; plain HTTP and port 80 where unsaid. Throws SpecError. */
export function parseTargetService(text: string): Endpoint {
  if (text.includes('://')) return parseEndpoint(text)
  const authority = isIPv6(text) ? `[${text}]` : text
  if (!/^(?:[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/.test(authority)) {
    throw new SpecError(`${quote(text)} is neither host[:port] nor an http or https URL`)
  }
  return parseEndpoint(`http://${authority}`, text)
}

function quote(text: string): string {
  return JSON.stringify(text.length > 300 ? `${text.slice(0, 300)}…` : text)
}
