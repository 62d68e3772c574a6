// Backends that speak OpenAI's API: OpenAI itself (with its Responses API), Azure's deployments, vLLM, Mistral.
import { createChatWire, renderOpenAiError, understandChat } from './openai-chat.ts'
import type { OpenAiVendor } from './openai-chat-request.ts'
import { readChatRequest } from './openai-chat-request.ts'
import { understandResponses } from './openai-responses.ts'
import { fail, json } from './read-strictly.ts'
import type { BackendRequest, ScriptedFamily, Understood } from './scripted-family.ts'

/** `hasResponses`: it has `/responses` of its own. */
export function createOpenAi(key: string, vendor: OpenAiVendor, hasResponses: boolean): ScriptedFamily {
  return {
    checkCredential({ headers }) {
      if (headers['api-key'] !== undefined || headers['x-api-key'] !== undefined) return 'a second credential'
      return headers.authorization === `Bearer ${key}` ? null : 'Incorrect API key provided'
    },
    read({ url, json: body }: BackendRequest): Understood {
      if (url === '/v1/chat/completions') return understandChat(body, vendor)
      if (url === '/v1/responses' && hasResponses) return understandResponses(body)
      return fail('', `Invalid URL (POST ${url})`)
    },
    renderError: (error, param) => renderOpenAiError(error, param),
  }
}

/** https://learn.microsoft.com/azure/ai-foundry/openai/reference: the deployment is in the path, the version in the query. */
export function createAzure(key: string): ScriptedFamily {
  return {
    checkCredential({ headers }) {
      if (headers.authorization !== undefined || headers['x-api-key'] !== undefined) return 'a second credential'
      return headers['api-key'] === key ? null : 'Access denied due to invalid subscription key'
    },
    read({ url, json: body }: BackendRequest): Understood {
      const parts =
        /^\/openai\/deployments\/([^/?]+)\/chat\/completions\?api-version=(\d{4}-\d\d-\d\d(?:-preview)?)$/.exec(url)
      if (parts?.[1] !== undefined) {
        const model = decodeURIComponent(parts[1])
        // The body's model is not needed and not looked at.
        const { heard } = readChatRequest({ model, ...json(body, '') }, 'azure')
        return { model, heard, wire: createChatWire('azure') }
      }
      if (/^\/openai\/v1\/chat\/completions(\?api-version=[\w-]+)?$/.test(url)) return understandChat(body, 'azure')
      if (/^\/openai(\/v1)?\/responses(\?api-version=[\w-]+)?$/.test(url)) return understandResponses(body)
      return fail('', `Resource not found: ${url}`)
    },
    renderError: (error, param) => renderOpenAiError(error, param),
  }
}
