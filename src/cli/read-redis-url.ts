// `--redis URL` to where Redis is. Errors never repeat the URL: it may hold a password.
import type { RedisSettings } from '../settings.ts'
import { FlagError } from './flag-readers.ts'

export type RedisPlace = Pick<
  RedisSettings,
  'mode' | 'addresses' | 'masterName' | 'db' | 'username' | 'password' | 'isTls'
>

const wanted =
  'redis[s]://[USER:PASSWORD@]HOST[:PORT][/DB], redis[s]+sentinel://HOST[:PORT],…/MASTER[/DB] or redis[s]+cluster://HOST[:PORT],…'

/** Throws FlagError. */
export function readRedisUrl(text: string): RedisPlace {
  const match = /^redis(s?)(?:\+(sentinel|cluster))?:\/\/(?:([^@/]*)@)?([^@/?#]+)((?:\/[^/?#]*)*)$/.exec(text)
  if (match === null) throw new FlagError(`is not ${wanted}`)
  const [, secure, kind, login, hosts = '', path = ''] = match
  const mode = kind === 'sentinel' || kind === 'cluster' ? kind : 'single'
  const parts = path
    .split('/')
    .slice(1)
    .filter((part, at, all) => part !== '' || at < all.length - 1)
  const masterName = mode === 'sentinel' ? decode(parts.shift() ?? '') : ''
  if (mode === 'sentinel' && masterName === '') throw new FlagError('names no master behind the Sentinels: …/MASTER')
  const db = parts.shift() ?? '0'
  if (!/^\d{1,4}$/.test(db) || parts.length > 0) throw new FlagError('ends in something that is no database number')
  if (mode === 'cluster' && db !== '0') throw new FlagError('names a database: a cluster has only number 0')
  const addresses = hosts.split(',').map((host) => readAddress(host, mode === 'sentinel' ? 26_379 : 6_379))
  if (mode === 'single' && addresses.length > 1)
    throw new FlagError('names several hosts, but neither +sentinel nor +cluster')
  const [username, password] = readLogin(login)
  return { mode, addresses, masterName, db: Number(db), username, password, isTls: secure === 's' }
}

function readAddress(text: string, defaultPort: number): RedisPlace['addresses'][number] {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]+))(?::(\d{1,5}))?$/.exec(text)
  const port = Number(match?.[3] ?? defaultPort)
  if (match === null || port < 1 || port > 65_535) throw new FlagError('has a host that is not HOST or HOST:PORT')
  return { host: match[1] ?? match[2] ?? '', port }
}

/** `user:password`, `:password`, `password` alone is a user, as in every URL. */
function readLogin(text: string | undefined): readonly [string | null, string | null] {
  if (text === undefined || text === '') return [null, null]
  const colon = text.indexOf(':')
  const username = decode(colon < 0 ? text : text.slice(0, colon))
  const password = colon < 0 ? '' : decode(text.slice(colon + 1))
  return [username || null, password || null]
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new FlagError('has a part that is not percent-encoded as URLs are')
  }
}
