// What the policy benchmark compares: Sluice with one policy more and one less, each a process of its own.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startSluice } from '../contenders.ts'
import type { SpawnedServer } from '../spawn-server.ts'
import { benchKey, renderChatRequest } from '../wire.ts'
import { type LimitsInForce, renderManifests } from './render-manifests.ts'
import { signBenchToken } from './sign-token.ts'

export const variantNames = [
  'keys',
  'keys again',
  'requests',
  'all limits',
  'token',
  'redis',
  'redis requests',
] as const
export type VariantName = (typeof variantNames)[number]

type VariantSpec = Readonly<{ text: string; limits: LimitsInForce; credential: 'key' | 'token'; needsRedis: boolean }>

export const variantSpecs: Readonly<Record<VariantName, VariantSpec>> = {
  keys: { text: 'an API key, no limit', limits: 'none', credential: 'key', needsRedis: false },
  'keys again': {
    text: 'the same once more: what differs here is noise',
    limits: 'none',
    credential: 'key',
    needsRedis: false,
  },
  requests: {
    text: 'requests a minute of the route and of the consumer',
    limits: 'requests',
    credential: 'key',
    needsRedis: false,
  },
  'all limits': {
    text: 'besides: tokens a minute, requests at once, a budget',
    limits: 'all',
    credential: 'key',
    needsRedis: false,
  },
  token: {
    text: 'a token (JWT, ES256) seen before, no limit',
    limits: 'none',
    credential: 'token',
    needsRedis: false,
  },
  redis: { text: 'all limits, counted in Redis', limits: 'all', credential: 'key', needsRedis: true },
  'redis requests': {
    text: 'limits of requests alone, counted in Redis',
    limits: 'requests',
    credential: 'key',
    needsRedis: true,
  },
}

export type Variant = Readonly<{
  name: VariantName
  server: SpawnedServer
  /** A unary chat with the variant's credential. */
  request: Buffer
  stop(): Promise<void>
}>

/** Where a variant runs. `redisUrl`: null where none of them needs it. */
export type Setting = Readonly<{ backendPort: number; core: number | null; redisUrl: string | null }>

export async function startVariant(name: VariantName, { backendPort, core, redisUrl }: Setting): Promise<Variant> {
  const { limits, credential, needsRedis } = variantSpecs[name]
  const { token, jwks } = signBenchToken()
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'))
  const removeFolder = () => rmSync(folder, { recursive: true, force: true })
  try {
    writeFileSync(join(folder, 'bench.yaml'), renderManifests(limits, jwks))
    const flags = needsRedis && redisUrl !== null ? ['--redis', redisUrl] : []
    const server = await startSluice(folder, backendPort, core, { flags })
    const stop = async () => {
      await server.stop()
      removeFolder()
    }
    return { name, server, request: renderChatRequest('unary', credential === 'token' ? token : benchKey), stop }
  } catch (error) {
    removeFolder()
    throw error
  }
}
