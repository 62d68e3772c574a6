#!/usr/bin/env node
// The entry: hands the command line to the program.
import { createProgram } from './cli/program.ts'

await createProgram().parseAsync()
