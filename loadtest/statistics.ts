// Medians and percentiles of samples.

/** The value below which `share` (0 to 1) of the samples lie; NaN without samples. */
export function percentile(samples: readonly number[], share: number): number {
  if (samples.length === 0) return Number.NaN
  const sorted = [...samples].sort((one, other) => one - other)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}

export function median(samples: readonly number[]): number {
  if (samples.length === 0) return Number.NaN
  const sorted = [...samples].sort((one, other) => one - other)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}

export type Slope = Readonly<{
  /** Of y per x. */
  value: number
  /** Twice the standard error: the true slope is within this of `value` nineteen times of twenty, if noise is noise. */
  uncertainty: number
}>

/** The least-squares line through (x, y); infinitely uncertain with fewer than three points. */
export function fitSlope(points: readonly (readonly [x: number, y: number])[]): Slope {
  const count = points.length
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / count
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / count
  const squaresX = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0)
  if (count < 3 || squaresX === 0) return { value: 0, uncertainty: Number.POSITIVE_INFINITY }
  const value = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / squaresX
  const residuals = points.reduce((sum, [x, y]) => sum + (y - meanY - value * (x - meanX)) ** 2, 0)
  return { value, uncertainty: 2 * Math.sqrt(residuals / (count - 2) / squaresX) }
}
