// The operations of the OpenAI API that Sluice knows, each as its path after `/v1/`.

/** https://platform.openai.com/docs/api-reference; `rerank` as Cohere, Jina and vLLM have it. */
export type Operation =
  | 'chat/completions'
  | 'completions'
  | 'embeddings'
  | 'responses'
  | 'moderations'
  | 'images/generations'
  | 'audio/speech'
  | 'audio/transcriptions'
  | 'audio/translations'
  | 'rerank'
