// The part of the benchmark that tells what translation and choosing cost: what is measured, and how it is read.
import { median } from '../statistics.ts'
import {
  measureTranslation,
  type TranslatedKind,
  type TranslationPace,
  type TranslationSamples,
  translatedKinds,
} from './measure.ts'
import { measurePicks, type PickCost, readMedianNanos } from './measure-picks.ts'

/** `translation`: CPU of requests to a backend of another format. `picks`: time of a choice among 100 targets. */
export const translationMeasurements = ['translation', 'picks'] as const
export type TranslationMeasurement = (typeof translationMeasurements)[number]

export type TranslationCost = Readonly<{
  /** Text for a person, without its last line break. */
  text: string
  translation: TranslationSamples | null
  picks: readonly PickCost[]
}>

const paces: Readonly<Record<'quick' | 'whole', TranslationPace & { pickBatches: number }>> = {
  quick: {
    batches: 1,
    rounds: 10,
    requests: { unary: 500, stream: 128, burst: 128 },
    warmUp: { unary: 5_000, stream: 640, burst: 640 },
    pickBatches: 20,
  },
  whole: {
    batches: 3,
    rounds: 20,
    requests: { unary: 1_000, stream: 128, burst: 256 },
    warmUp: { unary: 20_000, stream: 1_280, burst: 2_000 },
    pickBatches: 100,
  },
}

/** Most CPU of a translated one, in times of the same one passed. */
const aims: Readonly<Record<TranslatedKind, number>> = { unary: 2, stream: 2.2, burst: 2.2 }
/** Most time of a pick, nanoseconds. */
const pickAimNanos = 1_000

const texts: Readonly<Record<TranslatedKind, string>> = {
  unary: 'a unary chat of 1 KB',
  stream: 'a stream of 100 events, 2 ms apart',
  burst: 'a stream of 100 events at once',
}

export async function runTranslationCost(
  chosen: readonly TranslationMeasurement[],
  place: Readonly<{ backendPort: number; core: number | null }>,
  { isQuick, rounds, say }: Readonly<{ isQuick: boolean; rounds: number | null; say: (text: string) => void }>,
): Promise<TranslationCost> {
  const pace = paces[isQuick ? 'quick' : 'whole']
  const parts: string[] = []
  let translation: TranslationSamples | null = null
  if (chosen.includes('translation')) {
    translation = await measureTranslation(place, { ...pace, rounds: rounds ?? pace.rounds }, say)
    parts.push(renderTranslation(translation))
  }
  const picks = chosen.includes('picks') ? measurePicks(pace.pickBatches) : []
  if (picks.length > 0) parts.push(renderPicks(picks))
  return { text: parts.join('\n\n'), translation, picks }
}

/** The median over the rounds of the ratio within a round. */
export function readRatio({ passed, translated }: TranslationSamples[TranslatedKind]): number {
  return median(translated.map((value, round) => value / (passed[round] ?? Number.NaN)))
}

export function renderTranslation(samples: TranslationSamples): string {
  const rows = translatedKinds.map((kind) => {
    const { passed, translated } = samples[kind]
    const ratio = readRatio(samples[kind])
    const aim = aims[kind]
    const verdict = ratio <= aim ? `met (${aim})` : `MISSED (${aim})`
    return [texts[kind], median(passed).toFixed(0), median(translated).toFixed(0), ratio.toFixed(2), verdict]
  })
  return renderRows([['CPU µs of the gateway, chat to Anthropic', 'passed', 'translated', 'times', ''], ...rows])
}

export function renderPicks(picks: readonly PickCost[]): string {
  const rows = picks.map((cost) => {
    const nanos = readMedianNanos(cost)
    return [
      cost.strategy,
      nanos.toFixed(0),
      nanos <= pickAimNanos ? `met (${pickAimNanos})` : `MISSED (${pickAimNanos})`,
    ]
  })
  return renderRows([['ns a pick among 100 targets', 'median', ''], ...rows])
}

function renderRows(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)))
  return rows
    .map((row) =>
      row
        .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
