// The families of backends: each with its scripted backend, and the manifests that make it targets of a gateway.
import { createAnthropic } from './backends/anthropic.ts'
import { createBedrock } from './backends/bedrock.ts'
import { createCohere } from './backends/cohere.ts'
import { createGemini, createVertex } from './backends/gemini.ts'
import { createAzure, createOpenAi } from './backends/openai.ts'
import { scenarios } from './backends/scenarios.ts'
import type { ScriptedFamily } from './backends/scripted-family.ts'
import { type FamilyBackend, serveFamily } from './backends/serve-family.ts'
import { startTokenEndpoint } from './backends/token-endpoint.ts'

export const familyNames = [
  'OpenAI',
  'VLLM',
  'Mistral',
  'AzureOpenAI',
  'Anthropic',
  'AWSBedrock',
  'GoogleGemini',
  'GoogleVertexAI',
  'Cohere',
] as const
export type FamilyName = (typeof familyNames)[number]

/** The key that clients show; no backend may ever see it. */
export const callerKey = 'sk-caller-canary-51c0'

export type Families = Readonly<{
  backends: Readonly<Record<FamilyName, FamilyBackend>>
  /** Every family with a model for every scenario, `<family>--<scenario>`, behind `callerKey`. */
  manifests: string
  /** What the token endpoint refused. */
  tokenRefusals: readonly string[]
  close(): Promise<void>
}>

export function nameModel(family: FamilyName, scenario: string): string {
  return `${family.toLowerCase()}--${scenario}`
}

type Plan = Readonly<{
  family: ScriptedFamily
  /** After the backend's own address. */
  basePath: string
  /** What the model is called upstream. */
  upstream: (scenario: string) => string
  credential: Readonly<{ type: 'APIKey' | 'AWS' | 'GCP'; text: string }>
}>

const awsKeys = {
  accessKeyId: 'AKIASCRIPTEDCANARY01',
  secretAccessKey: 'scripted/Canary+Secret/Key0123456789abcd',
  sessionToken: 'scripted-session-canary==',
  region: 'eu-central-1',
}

/** Starts all scripted backends. */
export async function startFamilies(): Promise<Families> {
  const tokens = await startTokenEndpoint()
  const withKey = (name: string) => ({ type: 'APIKey' as const, text: `upstream-${name}-canary` })
  const key = (name: string) => withKey(name).text
  const plans: Readonly<Record<FamilyName, Plan>> = {
    OpenAI: {
      family: createOpenAi(key('openai'), 'openai', true),
      basePath: '/v1',
      upstream: (scenario) => `gpt-4.1--${scenario}`,
      credential: withKey('openai'),
    },
    VLLM: {
      family: createOpenAi(key('vllm'), 'vllm', true),
      basePath: '/v1',
      upstream: (scenario) => `Qwen/Qwen3-8B--${scenario}`,
      credential: withKey('vllm'),
    },
    Mistral: {
      family: createOpenAi(key('mistral'), 'mistral', false),
      basePath: '/v1',
      upstream: (scenario) => `mistral-medium-2508--${scenario}`,
      credential: withKey('mistral'),
    },
    AzureOpenAI: {
      family: createAzure(key('azure')),
      basePath: '',
      upstream: (scenario) => `my-deployment--${scenario}`,
      credential: withKey('azure'),
    },
    Anthropic: {
      family: createAnthropic(key('anthropic')),
      basePath: '/v1',
      upstream: (scenario) => `claude-sonnet-4-5--${scenario}`,
      credential: withKey('anthropic'),
    },
    AWSBedrock: {
      family: createBedrock(awsKeys),
      basePath: '',
      upstream: (scenario) => `eu.anthropic.claude-sonnet-4-5--${scenario}-v1:0`,
      credential: { type: 'AWS', text: JSON.stringify(awsKeys) },
    },
    GoogleGemini: {
      family: createGemini(key('gemini')),
      basePath: '/v1beta',
      upstream: (scenario) => `gemini-2.5-flash--${scenario}`,
      credential: withKey('gemini'),
    },
    GoogleVertexAI: {
      family: createVertex(tokens.readToken),
      basePath: '/v1/projects/sluice-test/locations/europe-west4',
      upstream: (scenario) => `gemini-2.5-pro--${scenario}`,
      credential: { type: 'GCP', text: tokens.keyFile },
    },
    Cohere: {
      family: createCohere(key('cohere')),
      basePath: '/v2',
      upstream: (scenario) => `command-a-reasoning-08-2025--${scenario}`,
      credential: withKey('cohere'),
    },
  }
  const started = await Promise.all(familyNames.map(async (name) => [name, await serve(plans[name].family)] as const))
  const backends = castRecord(Object.fromEntries(started))
  const documents = familyNames.flatMap((name) => renderFamily(name, plans[name], backends[name].http.url))
  return {
    backends,
    manifests: [renderCaller(), ...documents].join('\n---\n'),
    tokenRefusals: tokens.refusals,
    async close() {
      await Promise.all([...familyNames.map((name) => backends[name].http.close()), tokens.close()])
    },
  }
}

function serve(family: ScriptedFamily): Promise<FamilyBackend> {
  return serveFamily(family, callerKey)
}

function castRecord(record: Record<string, FamilyBackend>): Readonly<Record<FamilyName, FamilyBackend>> {
  return record as Record<FamilyName, FamilyBackend>
}

function renderCaller(): string {
  return `
apiVersion: v1
kind: Secret
metadata: { name: callers }
stringData: { key: ${callerKey} }
---
apiVersion: ai.example.com/v1
kind: AIAuthPolicy
metadata: { name: callers }
spec: { apiKeys: [{ consumer: tester, secretRef: { name: callers, key: key } }] }`
}

function renderFamily(name: FamilyName, { basePath, upstream, credential }: Plan, url: string): readonly string[] {
  const id = name.toLowerCase()
  const secret = `
apiVersion: v1
kind: Secret
metadata: { name: ${id} }
stringData: { credential: ${JSON.stringify(credential.text)} }`
  const models = Object.keys(scenarios).map(
    (scenario) => `
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: ${id}--${scenario} }
spec:
  modelName: ${nameModel(name, scenario)}
  modelProvider: ${name}
  modelType: LLM
  endpoint: ${url}${basePath}
  upstreamModel: ${upstream(scenario)}
  pricing: { input: "4000000", cachedInput: "1000000", output: "10000000" }
  credentials: { type: ${credential.type}, secretRef: { name: ${id}, key: credential } }`,
  )
  return [secret, ...models]
}
