// `sluice explain`: which route, which targets, why and which limits, offline, for manifests in files.
import type { Command } from 'commander'
import { ConfigurationError } from '../config/source.ts'
import { explainOffline } from '../gateway.ts'

type Flags = Readonly<{ config: string[]; path?: string; model?: string; key?: string; host?: string }>

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
        const explanation = await explainOffline(config, query, process.env)
        process.stdout.write(`${JSON.stringify(explanation, null, 2)}\n`)
        process.exitCode = explanation.outcome.status === 200 ? 0 : 1
      } catch (error) {
        if (!(error instanceof ConfigurationError)) throw error
        for (const line of error.lines) process.stderr.write(`error: ${line}\n`)
        process.exitCode = 1
      }
    })
}
