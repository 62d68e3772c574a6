// Owns what an AIModel says by itself: its endpoint, defaults, headers and timers. References are not looked at here.
import type { Findings } from '../api/findings.ts'
import { collect, SpecError } from '../api/findings.ts'
import type { AIModel } from '../api/generated/ai-model.ts'
import { carriesParameter } from '../providers/carries-parameter.ts'
import { providers } from '../providers/index.ts'
import type { Operation } from '../providers/operation.ts'
import type { Call } from '../providers/provider.ts'
import type { Endpoint, Target } from '../routing/table.ts'
import { checkModelName } from './check-model-name.ts'
import { compileHeaderEdits } from './compile-header-edits.ts'
import { compileParameters } from './compile-parameters.ts'
import { compileTimeouts } from './compile-timeouts.ts'
import { parseEndpoint } from './parse-endpoint.ts'
import { createParser } from './parsed.ts'

export type AIModelParts = Readonly<{
  /** Null: neither declared nor known from the provider. */
  endpoint: Endpoint | null
  credentialHeader: Readonly<{ header: string; prefix: string }>
  /** False: the provider takes no credential of the spec's type. */
  takesCredential: boolean
  parameters: Target['parameters']
  headers: Target['headers']
  timeouts: Target['timeouts']
}>

export const parseAIModel = createParser((model: AIModel, findings: Findings): AIModelParts => {
  const { spec } = model
  checkModelName(spec.modelName, findings)
  const provider = providers.get(spec.modelProvider)
  const takesCredential = provider?.credentialTypes.has(spec.credentials?.type ?? 'APIKey') === true
  if (provider === undefined) findings.invalid.push(`spec.modelProvider: ${spec.modelProvider} is not known`)
  else if (spec.credentials !== undefined && !takesCredential) {
    const known = [...provider.credentialTypes].join(' or ')
    findings.invalid.push(`spec.credentials.type: ${spec.modelProvider} takes ${known}, not ${spec.credentials.type}`)
  }
  const modelProblem = provider?.findModelProblem?.(spec.upstreamModel ?? spec.modelName) ?? null
  if (modelProblem !== null) findings.invalid.push(`spec.upstreamModel: ${modelProblem}`)
  checkAliases(spec.aliases ?? [], findings)
  const endpoint = parseModelEndpoint(spec, provider?.defaultEndpoint ?? null, findings)
  const call: Call = {
    model: spec.upstreamModel ?? spec.modelName,
    isStream: false,
    basePath: endpoint?.basePath ?? '',
    maxOutputTokens: spec.limits?.maxOutputTokens ?? null,
    apiVersion: spec.apiVersion ?? null,
  }
  const carries = (operation: Operation, name: string, value: unknown) =>
    provider === undefined || carriesParameter(provider, operation, call, name, value)
  return {
    endpoint,
    takesCredential,
    credentialHeader: provider?.credential ?? { header: 'authorization', prefix: 'Bearer ' },
    parameters: compileParameters(spec.parameters, spec.modelType, carries, findings),
    headers: compileHeaderEdits(spec.headers, 'spec.headers', findings),
    timeouts: compileTimeouts(spec.timeouts, findings),
  }
})

function parseModelEndpoint(
  spec: AIModel['spec'],
  defaultEndpoint: string | null,
  findings: Findings,
): Endpoint | null {
  const text = spec.endpoint ?? defaultEndpoint
  if (text === null) return null
  const endpoint = collect(findings, 'spec.endpoint', () => parseEndpoint(text))
  if (endpoint === null || spec.tls === undefined) return endpoint
  if (endpoint.tls === null) {
    findings.invalid.push('spec.tls: the endpoint is plain HTTP')
    return endpoint
  }
  return { ...endpoint, tls: { caPem: null, serverName: spec.tls.serverName ?? null } }
}

/** Exact names, or one `*` at one end. */
function checkAliases(aliases: readonly string[], findings: Findings): void {
  for (const alias of aliases) {
    collect(findings, `spec.aliases[${alias}]`, () => {
      if (typeof alias !== 'string' || !/^(?:\*[^*]*|[^*]+\*?)$/.test(alias))
        throw new SpecError('only one * is allowed, in front or at the end')
    })
  }
}
