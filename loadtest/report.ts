// Writes the results of a run: a table for a person, an object for a file.
import { contenderNames, contenderTexts } from './contenders.ts'
import { type MetricName, metricNames } from './measurements.ts'
import { readAdded, readMedian, readRatio, readTargets, type Samples } from './results.ts'

type Column = Readonly<{
  metric: MetricName
  title: string
  digits: number
  /** `ratio`: the median and how many times the bare relay's it is; `added`: the difference to direct. */
  show: 'ratio' | 'added'
}>

const columns: readonly Column[] = [
  { metric: 'requestsPerSecond', title: 'requests/s', digits: 0, show: 'ratio' },
  { metric: 'cpuMicrosPerRequest', title: 'CPU µs/request', digits: 0, show: 'ratio' },
  { metric: 'p50Ms', title: 'added p50 ms', digits: 3, show: 'added' },
  { metric: 'p99Ms', title: 'added p99 ms', digits: 3, show: 'added' },
  { metric: 'cpuMicrosPerStream', title: 'CPU µs/stream', digits: 0, show: 'ratio' },
  { metric: 'cpuMicrosPerBurst', title: 'CPU µs/burst', digits: 0, show: 'ratio' },
  { metric: 'firstEventP50Ms', title: 'first +p50 ms', digits: 3, show: 'added' },
  { metric: 'firstEventP99Ms', title: 'first +p99 ms', digits: 3, show: 'added' },
  { metric: 'rssKilobytesPerStream', title: 'KB/open stream', digits: 1, show: 'ratio' },
]

/** Rows are contenders; in brackets, the ratio to the bare relay. */
export function renderTable(samples: Samples): string {
  const shown = columns.filter(({ metric }) => [...samples.values()].some((metrics) => metrics.has(metric)))
  const rows = contenderNames
    .filter((name) => samples.has(name))
    .map((name) => [name, ...shown.map((column) => renderCell(samples, name, column))])
  const table = [['', ...shown.map(({ title }) => title)], ...rows]
  const widths = (table[0] ?? []).map((_, at) => Math.max(...table.map((row) => row[at]?.length ?? 0)))
  const lines = table.map((row) =>
    row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  '),
  )
  const legend = contenderNames.filter((name) => samples.has(name)).map((name) => `  ${name}: ${contenderTexts[name]}`)
  return `${lines.join('\n')}\n\nIn brackets: times the bare relay, median of the rounds. "added": over direct.\n${legend.join('\n')}`
}

function renderCell(samples: Samples, name: (typeof contenderNames)[number], column: Column): string {
  if (column.show === 'added') {
    const added = readAdded(samples, name, column.metric)
    return added === null || name === 'direct' ? '-' : added.toFixed(column.digits)
  }
  const value = readMedian(samples, name, column.metric)
  if (value === null) return '-'
  const ratio = readRatio(samples, name, 'bare', column.metric)
  return ratio === null ? value.toFixed(column.digits) : `${value.toFixed(column.digits)} (${ratio.toFixed(2)})`
}

/** A warning where something else used the proxies' core: then CPU time says more than throughput. Else empty. */
export function renderContention(samples: Samples): string {
  const shares = contenderNames.flatMap((name) => {
    const share = readMedian(samples, name, 'coreShare')
    return share === null ? [] : [`${name} ${share.toFixed(2)}`]
  })
  const isContended = contenderNames.some((name) => (readMedian(samples, name, 'coreShare') ?? 1) < 0.9)
  if (!isContended) return ''
  return `NOT SATURATED: share of a core the proxies used under full load: ${shares.join(', ')}. Others use this machine, or the\nload was too slow: believe the CPU columns, not requests/s and latencies.\n\n`
}

export function renderTargets(samples: Samples): string {
  const lines = readTargets(samples).map(({ text, value, isMet }) => {
    const verdict = isMet === null ? 'not measured' : isMet ? 'met' : 'MISSED'
    return `  ${verdict.padEnd(12)} ${text}${value === null ? '' : `: ${value.toFixed(2)}`}`
  })
  return `Targets for Sluice:\n${lines.join('\n')}`
}

/** Everything a later reader needs to compare: samples by round, medians, ratios, targets. */
export function createRecord(samples: Samples): unknown {
  return {
    contenders: Object.fromEntries(
      [...samples].map(([name, metrics]) => [
        name,
        Object.fromEntries(
          metricNames.flatMap((metric) => {
            const rounds = metrics.get(metric)
            if (rounds === undefined) return []
            const ratioToBare = readRatio(samples, name, 'bare', metric)
            return [[metric, { median: readMedian(samples, name, metric), ratioToBare, rounds }]]
          }),
        ),
      ]),
    ),
    targets: readTargets(samples),
  }
}
