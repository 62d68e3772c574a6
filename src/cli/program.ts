// The command line: every command, and how bad usage ends (one line on stderr, exit 2).
import { Command } from 'commander'
import packageJson from '../../package.json' with { type: 'json' }
import { addExplainCommand } from './explain.ts'
import { addKeyCommand } from './key.ts'
import { addServeCommand } from './serve.ts'
import { addSimulateCommand } from './simulate.ts'
import { addValidateCommand } from './validate-command.ts'

export function createProgram(): Command {
  const program = new Command('sluice')
    .description('An AI/LLM gateway configured by Kubernetes custom resources')
    .version(packageJson.version)
    .showHelpAfterError(false)
    .showSuggestionAfterError(true)
  addServeCommand(program)
  addValidateCommand(program)
  addExplainCommand(program)
  addSimulateCommand(program)
  addKeyCommand(program)
  endWithTwo(program)
  return program
}

/** Commander ends with 1 on bad usage; 1 is ours for "the manifests are wrong". */
function endWithTwo(command: Command): void {
  command.exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  for (const sub of command.commands) endWithTwo(sub)
}
