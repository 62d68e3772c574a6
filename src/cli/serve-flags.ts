// The flags of `sluice serve` and their environment variables: texts in, frozen settings out.
import { type Command, Option } from 'commander'
import {
  defaultHttpLimits,
  defaultUpstreamLimits,
  type RedisSettings,
  type ServeSettings,
  serveDefaults,
} from '../settings.ts'
import {
  FlagError,
  readBytes,
  readChoice,
  readCidr,
  readDurationMs,
  readListenAddress,
  readNamespaceName,
  readResolveOverride,
  readTextFile,
} from './flag-readers.ts'
import { readRedisUrl } from './read-redis-url.ts'

type Flag = Readonly<{ flags: string; text: string; default?: string | boolean }>

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

const flags: readonly Flag[] = [
  { flags: '--config <path...>', text: 'folders or files of manifests, reloaded when they change' },
  { flags: '--kubernetes', text: 'read resources from the Kubernetes API server' },
  { flags: '--namespace <ns...>', text: 'only these namespaces (with --kubernetes; default: all)' },
  {
    flags: '--kubeconfig <file>',
    text: 'kubeconfig file (default: as kubectl finds it, or the pod’s service account)',
  },
  { flags: '--context <name>', text: 'context of the kubeconfig' },
  { flags: '--listen <host:port>', text: 'data port', default: serveDefaults.listen },
  {
    flags: '--admin <host:port>',
    text: 'admin port: health, metrics, /config, /explain',
    default: serveDefaults.admin,
  },
  { flags: '--resolve <host[:port]=addr:port...>', text: 'connect to this address instead of a host’s own' },
  { flags: '--simulate', text: 'start the model simulator and resolve every in-cluster host to it' },
  { flags: '--allow-upstream <cidr...>', text: 'addresses that may be connected to, whatever else forbids them' },
  { flags: '--deny-upstream <cidr...>', text: 'addresses that must not be connected to' },
  { flags: '--trusted-proxies <cidr...>', text: 'peers whose X-Forwarded-* headers are believed' },
  {
    flags: '--drain-timeout <duration>',
    text: 'how long running requests may take after SIGTERM',
    default: serveDefaults.drainTimeout,
  },
  {
    flags: '--drain-delay <duration>',
    text: 'how long new connections are still taken after SIGTERM, until load balancers have noticed',
    default: serveDefaults.drainDelay,
  },
  { flags: '--body-limit <size>', text: 'largest request body that is held', default: serveDefaults.bodyLimit },
  {
    flags: '--redis <url>',
    text: 'count limits in this Redis, shared by every process: redis://, redis+sentinel://, redis+cluster:// (rediss: TLS)',
  },
  { flags: '--redis-username <name>', text: 'ACL user, unless the URL has one' },
  { flags: '--redis-password <text>', text: 'unless the URL has one; better in the environment' },
  { flags: '--redis-sentinel-username <name>', text: 'ACL user of the Sentinels' },
  { flags: '--redis-sentinel-password <text>', text: 'of the Sentinels; better in the environment' },
  { flags: '--redis-ca <file>', text: 'authorities that sign Redis’s certificate, PEM (default: the system’s)' },
  { flags: '--redis-cert <file>', text: 'our certificate for Redis, PEM' },
  { flags: '--redis-key <file>', text: 'key of --redis-cert, PEM' },
  {
    flags: '--limit-lease <duration>',
    text: 'how long permits and reserves of a killed process stay taken in Redis',
    default: serveDefaults.limitLease,
  },
  { flags: '--log-level <level>', text: logLevels.join(', '), default: serveDefaults.logLevel },
  { flags: '--log-format <format>', text: 'json, pretty, or auto: pretty on a terminal', default: 'auto' },
]

const redisFlags = [
  'redis-username',
  'redis-password',
  'redis-sentinel-username',
  'redis-sentinel-password',
  'redis-ca',
  'redis-cert',
  'redis-key',
]

/** Every flag `--some-flag` has a variable `SLUICE_SOME_FLAG`; several values are separated by commas there. */
export function addServeFlags(command: Command): Command {
  for (const { flags: text, text: description, default: fallback } of flags) {
    const option = new Option(text, description)
    option.env(`SLUICE_${option.name().replaceAll('-', '_').toUpperCase()}`)
    if (fallback !== undefined) option.default(fallback)
    command.addOption(option)
  }
  return command
}

/**
 * The flags' texts. From the environment a switch is its text, so that `false` is off (commander takes any value for on),
 * and an empty variable counts as unset, as deployments leave it that have nothing to say.
 */
export function readServeFlags(command: Command): Readonly<Record<string, unknown>> {
  const values: Record<string, unknown> = { ...command.opts() }
  for (const option of command.options) {
    const name = option.attributeName()
    if (option.envVar === undefined || command.getOptionValueSource(name) !== 'env') continue
    const text = process.env[option.envVar] ?? ''
    if (text === '') values[name] = option.defaultValue
    else if (option.isBoolean()) values[name] = text
  }
  return values
}

/** Throws FlagError with one line that names the flag. */
export function parseServeFlags(values: Readonly<Record<string, unknown>>, isTerminal: boolean): ServeSettings {
  const one = <T>(name: string, read: (text: string) => T): T =>
    named(name, () => read(String(values[camel(name)] ?? '')))
  const many = <T>(name: string, read: (text: string) => T): readonly T[] =>
    named(name, () => readList(values[camel(name)]).map(read))
  const optional = (name: string): string | null => {
    const value = values[camel(name)]
    return typeof value === 'string' && value !== '' ? value : null
  }
  const isOn = (name: string): boolean => named(name, () => readSwitch(values[camel(name)]))
  const isKubernetes = isOn('kubernetes')
  const configPaths = many('config', (text) => text)
  const namespaces = many('namespace', readNamespaceName)
  if (!isKubernetes && configPaths.length === 0) throw new FlagError('--config PATH or --kubernetes is needed')
  if (!isKubernetes) {
    const alone = ['namespace', 'kubeconfig', 'context'].find((name) => (values[name] ?? '') !== '')
    if (alone !== undefined) throw new FlagError(`--${alone} goes with --kubernetes`)
  }
  const format = one('log-format', readChoice(['auto', 'json', 'pretty'] as const))
  const settings: ServeSettings = {
    listen: one('listen', readListenAddress),
    admin: one('admin', readListenAddress),
    configPaths,
    kubernetes: {
      isEnabled: isKubernetes,
      namespaces,
      kubeconfigPath: optional('kubeconfig'),
      context: optional('context'),
    },
    simulate: isOn('simulate'),
    resolve: many('resolve', readResolveOverride),
    allowUpstream: many('allow-upstream', readCidr),
    denyUpstream: many('deny-upstream', readCidr),
    trustedProxies: many('trusted-proxies', readCidr),
    drainTimeoutMs: one('drain-timeout', readDurationMs),
    drainDelayMs: one('drain-delay', readDurationMs),
    bodyLimitBytes: one('body-limit', readBytes),
    redis: readRedis(named, optional),
    limitLeaseMs: one('limit-lease', readLeaseMs),
    http: defaultHttpLimits,
    upstream: defaultUpstreamLimits,
    log: {
      level: one('log-level', readChoice(logLevels)),
      format: format === 'auto' ? (isTerminal ? 'pretty' : 'json') : format,
    },
  }
  return Object.freeze(settings)
}

/** Under a second every breath of the process would cost its leases. */
function readLeaseMs(text: string): number {
  const leaseMs = readDurationMs(text)
  if (leaseMs < 1_000 || leaseMs > 3_600_000) throw new FlagError(`'${text}' is not between 1s and 1h`)
  return leaseMs
}

function readRedis(call: typeof named, optional: (name: string) => string | null): RedisSettings | null {
  const url = optional('redis')
  if (url === null) {
    const alone = redisFlags.find((name) => optional(name) !== null)
    if (alone !== undefined) throw new FlagError(`--${alone} goes with --redis`)
    return null
  }
  const place = call('redis', () => readRedisUrl(url))
  const file = (name: string): string | null => {
    const path = optional(name)
    return path === null ? null : call(name, () => readTextFile(path))
  }
  const [ca, cert, key] = [file('redis-ca'), file('redis-cert'), file('redis-key')]
  if (!place.isTls && (ca ?? cert ?? key) !== null) throw new FlagError('--redis: certificates go with rediss://')
  if ((cert === null) !== (key === null)) throw new FlagError('--redis-cert and --redis-key go together')
  return {
    ...place,
    username: place.username ?? optional('redis-username'),
    password: place.password ?? optional('redis-password'),
    sentinelUsername: optional('redis-sentinel-username'),
    sentinelPassword: optional('redis-sentinel-password'),
    ca,
    cert,
    key,
  }
}

function named<T>(name: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof FlagError) throw new FlagError(`--${name}: ${error.message}`)
    throw error
  }
}

function readList(value: unknown): readonly string[] {
  const texts: readonly unknown[] = Array.isArray(value) ? value : value === undefined ? [] : [value]
  return texts
    .flatMap((text) => String(text).split(','))
    .map((text) => text.trim())
    .filter((text) => text !== '')
}

/** A switch from the environment may say that it is off. */
function readSwitch(value: unknown): boolean {
  if (typeof value !== 'string') return value === true
  const word = value.trim().toLowerCase()
  if (['1', 'true', 'yes', 'on'].includes(word)) return true
  if (['', '0', 'false', 'no', 'off'].includes(word)) return false
  throw new FlagError(`'${value}' is not true or false`)
}

function camel(name: string): string {
  return name.replace(/-([a-z])/g, (_whole, letter: string) => letter.toUpperCase())
}
