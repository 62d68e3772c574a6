// `sluice explain`: which route, which targets, why and which limits, offline, for manifests in files.
import { type Command, Option } from 'commander'
import { compile } from '../compiler/compile.ts'
import { createFileSource } from '../config/file/file-source.ts'
import { ConfigurationError } from '../config/source.ts'
import { createResourceValidator } from '../config/validation/resource-validator.ts'
import type { TokenKeySource } from '../policies/jwt/key-source.ts'
import { TokenBinder } from '../policies/jwt/token-index.ts'
import { bindTable } from '../server/bind-table.ts'
import { type ExplainQuery, type Explanation, explainRequest } from '../server/explain.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import { Backends } from '../upstream/backends.ts'

type Flags = Readonly<{ config?: readonly string[] }> & ExplainQuery

const options: readonly (readonly [flags: string, text: string])[] = [
  ['--path <path>', 'request path (default: /v1/chat/completions)'],
  ['--model <name>', 'model name in the body'],
  ['--key <key>', 'API key or token of the caller; from the environment no process list or shell history has it'],
  ['--host <name>', 'Host header'],
  ['--tokens <count>', 'tokens of context the request needs, its answer included'],
]

/** `--config` and its variable are those of `serve`; the others' are `SLUICE_EXPLAIN_…`. */
export function addExplainCommand(program: Command): void {
  const command = program.command('explain').description('which route and targets a request would get, and why')
  command.addOption(new Option('--config <path...>', 'folders or files of manifests').env('SLUICE_CONFIG'))
  for (const [flags, text] of options) {
    const option = new Option(flags, text)
    command.addOption(option.env(`SLUICE_EXPLAIN_${option.name().toUpperCase()}`))
  }
  command.action(async ({ config = [], ...flags }: Flags) => {
    const paths = config
      .flatMap((text) => text.split(','))
      .map((path) => path.trim())
      .filter((path) => path !== '')
    if (paths.length === 0) command.error('error: --config PATH is needed', { exitCode: 2 })
    // An empty variable is an unset one.
    const query: ExplainQuery = Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== ''))
    try {
      const explanation = await explainOffline(paths, query)
      process.stdout.write(`${JSON.stringify(explanation, null, 2)}\n`)
      process.exitCode = explanation.outcome.status === 200 ? 0 : 1
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error
      for (const line of error.lines) process.stderr.write(`error: ${line}\n`)
      process.exitCode = 1
    }
  })
}

const unfetchedKeys: TokenKeySource = {
  current: null,
  problem: 'explain asks nobody: its issuer’s keys are not fetched; ask the admin port’s /explain',
  retryAfterSeconds: 1,
  refresh: () => null,
}

/** Compiles and binds the manifests as `serve` would, and dials nothing. */
async function explainOffline(paths: readonly string[], query: ExplainQuery): Promise<Explanation> {
  const source = createFileSource({ paths, environment: process.env, validator: createResourceValidator() })
  await source.start(() => {})
  const compiled = compile({ resources: source.read(), lastGood: new Map() })
  await source.stop()
  const backends = new Backends({ isAddressAllowed: () => false, resolve: [], simulator: null })
  // Tokens of an issuer whose keys are in the policy are checked as by `serve`; others would need a fetch.
  const tokens = new TokenBinder({ openKeys: () => unfetchedKeys, now: Date.now })
  return explainRequest(bindTable(compiled, 1, null, { backends, metrics: createMetrics(), tokens }), query)
}
