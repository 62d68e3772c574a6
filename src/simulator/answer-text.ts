// Makes the words of an answer from the words of a prompt: always the same for the same prompt, model and variant.
import { createRandom, hashText } from './random.ts'
import { splitTokens } from './tokens.ts'

export type AnswerText = Readonly<{
  /** Joined they are the answer; one delta of a stream each. */
  tokens: readonly string[]
  finishReason: 'stop' | 'length'
}>

export type AnswerTextOptions = Readonly<{
  answerTokens: number
  /** The request's limit, null for none. */
  maxTokens: number | null
  stop: readonly string[]
}>

const fillers =
  'the a of in this that with and for it is as on by from about here one more then so each over through'.split(' ')

/** An answer to the question: names it, then goes on with its words until the length is reached. */
export function createAnswerText(question: string, seedText: string, options: AnswerTextOptions): AnswerText {
  const random = createRandom(hashText(seedText + question))
  const asked = question.slice(0, 2000).match(/[\p{L}\p{N}][\p{L}\p{N}'-]*/gu) ?? []
  const words = asked.length > 0 ? asked : ['nothing']
  const text = [`You asked about "${words.slice(0, 8).join(' ')}".`]
  // A word is a token or more, so this many words are always enough.
  const wordCount = options.answerTokens
  let sentenceWords = 0
  for (let count = 0; count < wordCount; count++) {
    const source = random() < 0.5 ? words : fillers
    let word = source[Math.floor(random() * source.length)] ?? 'it'
    if (sentenceWords === 0) word = word.charAt(0).toUpperCase() + word.slice(1)
    sentenceWords++
    if (sentenceWords >= 6 && random() < 0.3) {
      word += '.'
      sentenceWords = 0
    }
    text.push(word)
  }
  return limitText(text.join(' '), options, options.answerTokens)
}

/** Cuts a text at the first stop sequence and at the token limits. Reaching `naturalTokens` is a normal end. */
export function limitText(
  whole: string,
  options: AnswerTextOptions,
  naturalTokens = Number.POSITIVE_INFINITY,
): AnswerText {
  let text = whole
  for (const sequence of options.stop) {
    const at = sequence === '' ? -1 : text.indexOf(sequence)
    if (at >= 0) text = text.slice(0, at)
  }
  const tokens = splitTokens(text)
  const naturalLength = Math.min(tokens.length, naturalTokens)
  if (options.maxTokens !== null && options.maxTokens < naturalLength) {
    return { tokens: tokens.slice(0, options.maxTokens), finishReason: 'length' }
  }
  return { tokens: tokens.slice(0, naturalLength), finishReason: 'stop' }
}
