// A language model of a few hundred kilobytes, made on the spot: Llama's architecture, weights by chance, a vocabulary of
// single characters. What it says is gibberish, at the speed and in the form of a real model.
import { type GgufTensor, type GgufValue, renderGguf } from './gguf-writer.ts'

const width = 64
const heads = 4
const feedForward = 128
const contextTokens = 2048
/** Kinds of tokens, as llama.cpp counts them. */
const kinds = { normal: 1, unknown: 2, control: 3, byte: 6 } as const
/** What stands for a space in a vocabulary of SentencePiece. */
const space = '\u2581'
const letters = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,:;!?\'"()-', space]

type Token = Readonly<{ text: string; kind: number }>

/** Unknown, beginning, end; every byte, so that any input can be read; the characters it speaks in. */
const vocabulary: readonly Token[] = [
  { text: '<unk>', kind: kinds.unknown },
  { text: '<s>', kind: kinds.control },
  { text: '</s>', kind: kinds.control },
  ...Array.from({ length: 256 }, (_, byte) => ({
    text: `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`,
    kind: kinds.byte,
  })),
  ...letters.map((text) => ({ text, kind: kinds.normal })),
]
const endToken = 2

const template =
  "{% for message in messages %}{{ message['role'] + ': ' + message['content'] + ' ' }}{% endfor %}{% if add_generation_prompt %}{{ 'assistant: ' }}{% endif %}"

/** The bytes of a GGUF file, the same every time. */
export function renderTinyModel(): Buffer {
  return renderGguf(metadata, createTensors())
}

const metadata: Readonly<Record<string, GgufValue>> = {
  'general.architecture': { type: 'string', value: 'llama' },
  'general.name': { type: 'string', value: 'tiny' },
  'llama.context_length': { type: 'uint32', value: contextTokens },
  'llama.embedding_length': { type: 'uint32', value: width },
  'llama.block_count': { type: 'uint32', value: 1 },
  'llama.feed_forward_length': { type: 'uint32', value: feedForward },
  'llama.attention.head_count': { type: 'uint32', value: heads },
  'llama.attention.head_count_kv': { type: 'uint32', value: heads },
  'llama.attention.layer_norm_rms_epsilon': { type: 'float32', value: 1e-5 },
  'llama.rope.dimension_count': { type: 'uint32', value: width / heads },
  'llama.vocab_size': { type: 'uint32', value: vocabulary.length },
  'tokenizer.ggml.model': { type: 'string', value: 'llama' },
  'tokenizer.ggml.tokens': { type: 'strings', value: vocabulary.map(({ text }) => text) },
  'tokenizer.ggml.scores': { type: 'float32s', value: vocabulary.map(() => 0) },
  'tokenizer.ggml.token_type': { type: 'int32s', value: vocabulary.map(({ kind }) => kind) },
  'tokenizer.ggml.bos_token_id': { type: 'uint32', value: 1 },
  'tokenizer.ggml.eos_token_id': { type: 'uint32', value: endToken },
  'tokenizer.ggml.unknown_token_id': { type: 'uint32', value: 0 },
  'tokenizer.ggml.add_bos_token': { type: 'bool', value: true },
  'tokenizer.ggml.add_space_prefix': { type: 'bool', value: false },
  'tokenizer.chat_template': { type: 'string', value: template },
}

function createTensors(): readonly GgufTensor[] {
  const draw = createRandom()
  const fill = (shape: readonly number[], scale: number): Float32Array =>
    Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, () => (draw() - 0.5) * scale)
  const tensor = (name: string, shape: readonly number[], scale: number): GgufTensor => ({
    name,
    shape,
    values: fill(shape, scale),
  })
  const ones = (name: string): GgufTensor => ({ name, shape: [width], values: new Float32Array(width).fill(1) })
  const rows = [width, vocabulary.length]
  const embedding = tensor('token_embd.weight', rows, 1)
  const output = tensor('output.weight', rows, 3)
  // The first place of every embedding is large, so that it is large in every state too: there the output of what the
  // model must not say is held down. The end comes now and then.
  for (const [token, { kind }] of vocabulary.entries()) {
    embedding.values[token * width] = 2
    output.values[token * width] = kind === kinds.normal ? 0.5 : token === endToken ? 0.2 : -50
  }
  return [
    embedding,
    ones('blk.0.attn_norm.weight'),
    tensor('blk.0.attn_q.weight', [width, width], 0.2),
    tensor('blk.0.attn_k.weight', [width, width], 0.2),
    tensor('blk.0.attn_v.weight', [width, width], 0.2),
    tensor('blk.0.attn_output.weight', [width, width], 0.2),
    ones('blk.0.ffn_norm.weight'),
    tensor('blk.0.ffn_gate.weight', [width, feedForward], 0.2),
    tensor('blk.0.ffn_up.weight', [width, feedForward], 0.2),
    tensor('blk.0.ffn_down.weight', [feedForward, width], 0.2),
    ones('output_norm.weight'),
    output,
  ]
}

/** Numbers in [0, 1), the same ones every time. https://en.wikipedia.org/wiki/Linear_congruential_generator */
function createRandom(): () => number {
  let state = 20_261_122
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
