#!/usr/bin/env node
// The entry: hands the command line to the program.
import { createProgram } from './cli/program.ts'

// Whoever reads the output may stop at any line (`sluice validate . | head`). That is no error: a command ends with its
// own exit code, and a server goes on serving.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
}

// A diagnostic report (`--report-on-fatalerror`) lists the environment, and secrets come through it.
process.report.excludeEnv = true

await createProgram().parseAsync()
