// `sluice validate PATH…` on the command line; what it does is validate.ts's.
import type { Command } from 'commander'
import { runValidate } from './validate.ts'

export function addValidateCommand(program: Command): void {
  program
    .command('validate')
    .description('check manifests offline: schema, rules, references, conflicts')
    .argument('<path...>', 'folders or files')
    .action(async (paths: string[]) => {
      process.exitCode = await runValidate(paths, {
        stdout: process.stdout,
        stderr: process.stderr,
        environment: process.env,
      })
    })
}
