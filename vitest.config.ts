import { defineConfig } from 'vitest/config'
import { TotalsReporter } from './test/support/totals-reporter.ts'

/** Tests that need a control plane: its global setup runs only when one of them does. */
const clusterTests = ['test/cluster/**/*.test.ts', 'test/**/*.cluster.test.ts']

export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
    reporters: ['default', new TotalsReporter()],
    projects: [
      {
        extends: true,
        test: { name: 'local', include: ['test/**/*.test.ts'], exclude: clusterTests, sequence: { groupOrder: 1 } },
      },
      {
        extends: true,
        test: {
          name: 'cluster',
          include: clusterTests,
          globalSetup: ['test/support/cluster/global-setup.ts'],
          // After the local ones: these start whole processes and time them.
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
