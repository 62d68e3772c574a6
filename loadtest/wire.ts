// The fixed bytes of the benchmark: one request of about 1 KB a kind, one answer of about 1 KB, a stream of 100 events.

export const benchModel = 'bench-model'
/** A key for loopback only; loadtest/config declares the same. */
export const benchKey = 'sk-bench-0123456789abcdef0123456789abcdef'
export const eventCount = 100

/** What the backend does with a request, told by the body's `user` field, which every contender passes on unread. */
export type RequestKind =
  /** About 1 KB of JSON. */
  | 'unary'
  /** 100 events, 2 ms apart. */
  | 'stream'
  /** 100 events as fast as they can be written. */
  | 'burst'
  /** 4 events, 2 ms apart. */
  | 'brief'
  /** An event a second, until the client leaves. */
  | 'held'

const question = 'Tell me how a gateway for language models keeps its streams apart. '.repeat(12).trim()

/** A whole chat request as it goes over the wire. `credential`: a key or a token. */
export function renderChatRequest(kind: RequestKind, credential = benchKey, model = benchModel): Buffer {
  const body = JSON.stringify({
    model,
    messages: [
      { role: 'system', content: 'Answer in one sentence.' },
      { role: 'user', content: question },
    ],
    temperature: 0.7,
    ...(kind !== 'unary' && { stream: true }),
    user: kind,
  })
  const head = [
    'POST /v1/chat/completions HTTP/1.1',
    'host: bench.test',
    `authorization: Bearer ${credential}`,
    'content-type: application/json',
    'accept: application/json',
    'user-agent: bench/1',
    `content-length: ${Buffer.byteLength(body)}`,
  ]
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`)
}

const answerHead = { id: 'chatcmpl-bench0123456789', created: 1_790_000_000, model: benchModel }

/** The backend's answer to `unary`, head and body. */
export function renderUnaryAnswer(): Buffer {
  const content = 'A gateway keeps one socket for each stream and never mixes what it reads. '.repeat(9).trim()
  const body = JSON.stringify({
    ...answerHead,
    object: 'chat.completion',
    choices: [
      { index: 0, message: { role: 'assistant', content, refusal: null }, logprobs: null, finish_reason: 'stop' },
    ],
    usage: { prompt_tokens: 190, completion_tokens: 130, total_tokens: 320 },
  })
  return Buffer.from(
    `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-request-id: bench\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}

export const streamHead = Buffer.from(
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-cache\r\ntransfer-encoding: chunked\r\n\r\n',
)

/** The events of a stream, each as one HTTP chunk; the last one holds `[DONE]` and the end of the body. */
export function renderEventChunks(count: number): Buffer[] {
  const render = (delta: unknown, finishReason: string | null) =>
    `data: ${JSON.stringify({ ...answerHead, object: 'chat.completion.chunk', choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }] })}\n\n`
  const events = [render({ role: 'assistant', content: '' }, null)]
  while (events.length < count - 2) events.push(render({ content: ` word${events.length}` }, null))
  events.push(render({}, 'stop'), 'data: [DONE]\n\n')
  return events.map((event, index) => {
    const chunk = `${Buffer.byteLength(event).toString(16)}\r\n${event}\r\n`
    return Buffer.from(index === events.length - 1 ? `${chunk}0\r\n\r\n` : chunk)
  })
}
