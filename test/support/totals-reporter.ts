// vitest reporter of the last line, `N passed, N failed, N skipped`: what CI reads. A file that never ran (it does not
// parse, a hook of it threw) counts as failed, and so does an error outside any test.
import type { Reporter, TestModule, TestSpecification } from 'vitest/node'

export class TotalsReporter implements Reporter {
  #specifications: readonly TestSpecification[] = []
  #line: string | null = null

  onTestRunStart(specifications: readonly TestSpecification[]): void {
    this.#specifications = specifications
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const totals = countTests(modules)
    const reportedIds = new Set(modules.map((module) => module.moduleId))
    const unreported = this.#specifications.filter(({ moduleId }) => !reportedIds.has(moduleId))
    const failed = totals.failed + unreported.length + unhandledErrors.length
    // At exit, so that it stands below whatever the other reporters print; a watcher's last run wins.
    if (this.#line === null) process.once('exit', () => process.stdout.write(`${this.#line}\n`))
    this.#line = `${totals.passed} passed, ${failed} failed, ${totals.skipped} skipped`
  }
}

function countTests(modules: readonly TestModule[]): { passed: number; failed: number; skipped: number } {
  const totals = { passed: 0, failed: 0, skipped: 0 }
  for (const module of modules) {
    for (const suite of [module, ...module.children.allSuites()]) {
      if (suite.errors().length > 0) totals.failed += 1
    }
    for (const test of module.children.allTests()) {
      const { state } = test.result()
      // Never finished: its worker died or the run was cut short.
      if (state === 'pending') totals.failed += 1
      else totals[state] += 1
    }
  }
  return totals
}
