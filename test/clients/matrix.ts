// The matrix of the README, from the cases and the exceptions that the suites assert: what works with what.
import { chatCases } from './chat-cases.ts'
import type { Exceptions, Verdict } from './client-case.ts'
import {
  chatExceptions,
  embeddingExceptions,
  embeddingFeatures,
  messagesExceptions,
  responsesExceptions,
} from './exceptions.ts'
import { type FamilyName, familyNames } from './families.ts'
import { messagesCases } from './messages-cases.ts'
import { responsesCases } from './responses-cases.ts'

export const marks: Readonly<Record<Verdict, string>> = {
  works: '✓',
  'not offered': '–',
  refused: '✗',
  'left out': '○',
  'not said': '·',
}

const titles: Readonly<Record<FamilyName, string>> = {
  OpenAI: 'OpenAI',
  VLLM: 'vLLM',
  Mistral: 'Mistral',
  AzureOpenAI: 'Azure',
  Anthropic: 'Anthropic',
  AWSBedrock: 'Bedrock',
  GoogleGemini: 'Gemini',
  GoogleVertexAI: 'Vertex AI',
  Cohere: 'Cohere',
}

export type MatrixApi = Readonly<{
  path: string
  client: string
  features: readonly string[]
  exceptions: Exceptions
}>

const listFeatures = (cases: readonly Readonly<{ feature: string }>[]) => cases.map(({ feature }) => feature)

export const matrixApis: readonly MatrixApi[] = [
  {
    path: '/v1/chat/completions',
    client: '`openai`, `client.chat.completions`',
    features: listFeatures(chatCases),
    exceptions: chatExceptions,
  },
  {
    path: '/v1/messages',
    client: '`@anthropic-ai/sdk`, `client.messages`',
    features: listFeatures(messagesCases),
    exceptions: messagesExceptions,
  },
  {
    path: '/v1/responses',
    client: '`openai`, `client.responses`',
    features: listFeatures(responsesCases),
    exceptions: responsesExceptions,
  },
  {
    path: '/v1/embeddings',
    client: '`openai`, `client.embeddings`',
    features: embeddingFeatures,
    exceptions: embeddingExceptions,
  },
]

/** Markdown: a table for each client API, of the features that don't work everywhere, and a line of those that do. */
export function renderMatrix(): string {
  return matrixApis.map(renderApi).join('\n\n')
}

const isError = (feature: string) => /^error:? /.test(feature)

function renderApi({ path, client, features, exceptions }: MatrixApi): string {
  const read = (feature: string, family: FamilyName) => exceptions[family]?.[feature]?.[0] ?? 'works'
  const isEverywhere = (feature: string) => familyNames.every((family) => read(feature, family) === 'works')
  const everywhere = features.filter(isEverywhere)
  const errors = everywhere.filter(isError).map((feature) => feature.replace(/^error:? /, ''))
  const others = everywhere.filter((feature) => !isError(feature))
  const list = errors.length === 0 ? others : [...others, `errors in the client’s classes (${errors.join(', ')})`]
  const rows = features
    .filter((feature) => !isEverywhere(feature))
    .map((feature) => [feature, ...familyNames.map((family) => marks[read(feature, family)])])
  const head = [`\`${path}\``, ...familyNames.map((family) => titles[family])]
  const rule = ['---', ...familyNames.map(() => ':-:')]
  const table = [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
  const common = list.length === 0 ? '' : `. With every backend: ${list.join('; ')}`
  return `**\`${path}\`** (${client})${common}.\n\n${table}`
}
