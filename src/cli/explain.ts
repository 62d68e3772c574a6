// `sluice explain`: which route, which targets, why and which limits, offline, for manifests in files.
import type { Command } from 'commander'
import { compile } from '../compiler/compile.ts'
import { createFileSource } from '../config/file/file-source.ts'
import { ConfigurationError } from '../config/source.ts'
import { createResourceValidator } from '../config/validation/resource-validator.ts'
import { bindTable } from '../server/bind-table.ts'
import { type ExplainQuery, type Explanation, explainRequest } from '../server/explain.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import { ConnectionPools } from '../upstream/connection-pools.ts'

type Flags = Readonly<{ config: string[] }> & ExplainQuery

export function addExplainCommand(program: Command): void {
  program
    .command('explain')
    .description('which route and targets a request would get, and why')
    .requiredOption('--config <path...>', 'folders or files of manifests')
    .option('--path <path>', 'request path (default: /v1/chat/completions)')
    .option('--model <name>', 'model name in the body')
    .option('--key <key>', 'API key of the caller')
    .option('--host <name>', 'Host header')
    .action(async ({ config, ...query }: Flags) => {
      try {
        const explanation = await explainOffline(config, query)
        process.stdout.write(`${JSON.stringify(explanation, null, 2)}\n`)
        process.exitCode = explanation.outcome.status === 200 ? 0 : 1
      } catch (error) {
        if (!(error instanceof ConfigurationError)) throw error
        for (const line of error.lines) process.stderr.write(`error: ${line}\n`)
        process.exitCode = 1
      }
    })
}

/** Compiles and binds the manifests as `serve` would, and dials nothing. */
async function explainOffline(paths: readonly string[], query: ExplainQuery): Promise<Explanation> {
  const source = createFileSource({ paths, environment: process.env, validator: createResourceValidator() })
  await source.start(() => {})
  const compiled = compile({ resources: source.read(), lastGood: new Map() })
  await source.stop()
  const pools = new ConnectionPools({ isAddressAllowed: () => false, resolve: [], simulator: null })
  return explainRequest(bindTable(compiled, 1, null, { pools, metrics: createMetrics() }), query)
}
