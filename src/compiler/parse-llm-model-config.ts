// Owns what an LLMModelConfig says to the data plane by itself: where the operator makes it answer.
import type { Findings } from '../api/findings.ts'
import { collect, createFindings } from '../api/findings.ts'
import type { LLMModelConfig } from '../api/generated/llm-model-config.ts'
import { readNamespace } from '../api/resource.ts'
import { providers } from '../providers/index.ts'
import type { Endpoint, Target } from '../routing/table.ts'
import { checkModelName } from './check-model-name.ts'
import { compileTimeouts } from './compile-timeouts.ts'
import { parseEndpoint } from './parse-endpoint.ts'
import { createParser } from './parsed.ts'

export type LLMModelConfigParts = Readonly<{
  /** A provider name of the registry that is spoken. */
  provider: string
  endpoint: Endpoint
  timeouts: Target['timeouts']
}>

/** What the data plane reads; the rest is the workload's. */
const servedFields = new Set(['modelName', 'modelProvider', 'port', 'upstreamModel', 'timeouts', 'pricing', 'limits'])

export const parseLLMModelConfig = createParser((config: LLMModelConfig, findings: Findings): LLMModelConfigParts => {
  const { spec } = config
  checkModelName(spec.modelName, findings)
  if (Object.keys(spec).some((name) => !servedFields.has(name))) {
    findings.notes.push('its workload is operated by `sluice operate`, which is not in effect in this version')
  }
  const address = `http://${config.metadata.name}.${readNamespace(config)}.svc.cluster.local:${spec.port}/v1`
  return {
    provider: providers.has(spec.modelProvider) ? spec.modelProvider : 'VLLM',
    endpoint: readDeclaredEndpoint(config) ?? parseEndpoint(address),
    timeouts: compileTimeouts(spec.timeouts, findings),
  }
})

/** The operator's own word, once there is one. Nobody who writes a spec is to blame for it: a bad one is passed over. */
function readDeclaredEndpoint(config: LLMModelConfig): Endpoint | null {
  const text = config.status?.modelEndpoint
  return text === undefined ? null : collect(createFindings(), 'status.modelEndpoint', () => parseEndpoint(text))
}
