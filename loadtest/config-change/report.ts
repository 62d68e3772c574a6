// What the configuration benchmark found, for people (tables) and for programs (JSON), from one structure.

export type PropagationRow = Readonly<{
  source: 'kubernetes' | 'file'
  routes: number
  writes: number
  p50Ms: number
  p99Ms: number
  maxMs: number
  pollGapP50Ms: number
  pollGapP99Ms: number
  /** The aim for p99 at this number of routes, where there is one. */
  aimP99Ms: number | null
}>

export type StartRow = Readonly<{
  source: 'kubernetes' | 'file'
  routes: number
  /** From process start to the first 200 of /readyz. */
  startMs: number
  /** Means of what the process reports, before and during the edits. */
  compileFirstMs: number
  compileEditMs: number
}>

export type RequestRow = Readonly<{ routes: number; requests: number; p50Ms: number; p99Ms: number; cpuMicros: number }>

export type ConfigReport = Readonly<{
  propagation: readonly PropagationRow[]
  starts: readonly StartRow[]
  requests: readonly RequestRow[]
}>

export function renderTables({ propagation, starts, requests }: ConfigReport): string {
  const ms = (value: number) => value.toFixed(value < 10 ? 2 : 1)
  return [
    'From an acknowledged write to the first answer by it, ms (poll gap: what polling can add)',
    renderTable(
      ['source', 'routes', 'writes', 'p50', 'p99', 'max', 'poll gap p50', 'p99', 'aim p99'],
      propagation.map((row) => [
        row.source,
        String(row.routes),
        String(row.writes),
        ...[row.p50Ms, row.p99Ms, row.maxMs, row.pollGapP50Ms, row.pollGapP99Ms].map(ms),
        row.aimP99Ms === null ? '-' : `< ${row.aimP99Ms}`,
      ]),
    ),
    'Start and compile, ms (aims at 10,000 routes: start < 10,000, compile < 150)',
    renderTable(
      ['source', 'routes', 'start to /readyz', 'first compile', 'compile after an edit'],
      starts.map((row) => [
        row.source,
        String(row.routes),
        ...[row.startMs, row.compileFirstMs, row.compileEditMs].map(ms),
      ]),
    ),
    'Requests to a plain service, the numbers of routes in turns',
    renderTable(
      ['routes', 'requests', 'p50 ms', 'p99 ms', 'CPU µs/request'],
      requests.map((row) => [
        String(row.routes),
        String(row.requests),
        ms(row.p50Ms),
        ms(row.p99Ms),
        row.cpuMicros.toFixed(0),
      ]),
    ),
  ].join('\n')
}

function renderTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]) => cells.map((cell, column) => cell.padStart(widths[column] ?? 0)).join('  ')
  return `${[line(head), ...rows.map(line)].join('\n')}\n`
}
