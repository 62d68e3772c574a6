// Rerank as Cohere's version 1, Jina and vLLM have it, by Cohere's version 2: documents may be objects with a text, and
// come back with the results where that is asked. https://docs.cohere.com/reference/rerank
import { GatewayError } from '../../errors/gateway-error.ts'
import type { UnaryCodec } from '../codec.ts'
import { type JsonRecord, readCount, readList, readRecord, readText } from '../read-json.ts'
import { decodeCohereError } from './decode-error.ts'

const known = new Set(['model', 'query', 'documents', 'top_n', 'max_tokens_per_doc', 'return_documents', 'priority'])

export const cohereRerank: UnaryCodec = Object.freeze<UnaryCodec>({
  encode(request, { model }) {
    for (const [name, value] of Object.entries(request)) {
      if (value !== null && !known.has(name))
        throw refuse('unsupported_parameter', name, `'${name}' is not supported by this model.`)
    }
    const { query, top_n: topN, max_tokens_per_doc: maxTokens, priority } = request
    if (typeof query !== 'string') throw refuse('invalid_request', 'query', "'query' must be a text.")
    const body = JSON.stringify({
      model,
      query,
      documents: readDocuments(request),
      ...(topN == null ? {} : { top_n: topN }),
      ...(maxTokens == null ? {} : { max_tokens_per_doc: maxTokens }),
      ...(priority == null ? {} : { priority }),
    })
    return { path: '/rerank', headers: [], body }
  },
  decode(answer, request, { model }) {
    const { id, results, meta } = readRecord(answer)
    if (!Array.isArray(results)) throw new GatewayError('upstream_invalid_response', 'a rerank without results')
    const documents = request.return_documents === true ? readDocuments(request) : null
    const ranked = readList(results).map((result) => {
      const { index, relevance_score } = readRecord(result)
      const text = documents?.[readCount(index)]
      return { index, relevance_score, ...(text === undefined ? {} : { document: { text } }) }
    })
    // It bills searches, not tokens, which are counted where it says them.
    const input = readCount(readRecord(readRecord(meta).billed_units).input_tokens)
    return {
      text: JSON.stringify({ id: readText(id), model, results: ranked, meta }),
      usage: input === 0 ? null : { input, output: 0, cachedInput: 0, cacheWriteInput: 0, reasoning: 0 },
    }
  },
  decodeError: decodeCohereError,
})

function readDocuments({ documents }: JsonRecord): readonly string[] {
  if (!Array.isArray(documents) || documents.length === 0) {
    throw refuse('invalid_request', 'documents', "'documents' must be a list of texts.")
  }
  return readList(documents).map((document) => {
    const text = readText(document) ?? readText(readRecord(document).text)
    if (text === null) throw refuse('invalid_request', 'documents', "'documents' must be a list of texts.")
    return text
  })
}

function refuse(code: 'invalid_request' | 'unsupported_parameter', param: string, publicText: string): GatewayError {
  return new GatewayError(code, param, { param, publicText })
}
