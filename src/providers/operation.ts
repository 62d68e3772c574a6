// The operations of the client APIs that Sluice knows, each as its path after `/v1/`.

/**
 * https://platform.openai.com/docs/api-reference; `rerank` as Cohere, Jina and vLLM have it; `messages` is Anthropic's,
 * https://docs.claude.com/en/api/messages
 */
export type Operation =
  | 'chat/completions'
  | 'completions'
  | 'embeddings'
  | 'responses'
  | 'messages'
  | 'messages/count_tokens'
  | 'moderations'
  | 'images/generations'
  | 'audio/speech'
  | 'audio/transcriptions'
  | 'audio/translations'
  | 'rerank'
