// Where a feature does not work with a backend, and why: the one table that the suite asserts and the README shows.
import type { Exceptions, Verdict } from './client-case.ts'

type Entry = readonly [Verdict, string]
const notOffered = (why: string): Entry => ['not offered', why]
const leftOut = (why: string): Entry => ['left out', why]
const notSaid = (why: string): Entry => ['not said', why]
const refused = (why: string): Entry => ['refused', why]

const noWord = notOffered('the API has no such field')
const ownCache = leftOut('it caches by itself, or not at all')
const openAiOnly = notOffered('OpenAI’s own')
const noReasoningText = notSaid('chat completions keep their reasoning to themselves')
const unsigned = notSaid('its reasoning has no signatures')
const noEndUser = leftOut('the API has no place for an end user’s id')
const noMetadata = leftOut('the API has no place for metadata')
const noFetch = notOffered('it fetches no URLs')
const noMedia = notOffered('results of tools are texts')
const noTier = notOffered('it has no tier of this name')
const noCount = notOffered('it counts no tokens ahead')
const noServerTools = notOffered('the tool is Anthropic’s own')
const noState = notOffered('nothing is stored there')
const ownResponses = refused('its own Responses API is not used: deployments are spoken to in chat')
const ownDocuments = refused('its form of it, `document_url`, is not made')
const noPrefill = notOffered('it begins every answer itself')
const coolOnly = notOffered('from 0 to 1 only')
const passed = notOffered('the backend refuses the field in a chat')

/** What OpenAI's format alone has, for those with a format of their own. */
const foreignChat = {
  logit_bias: noWord,
  verbosity: noWord,
  'fields only OpenAI has (`prediction`)': openAiOnly,
  'prompt cache key': ownCache,
  'end user’s id': noEndUser,
  metadata: noMetadata,
}
const noChatSignatures = {
  'reasoning signatures, given back': unsigned,
  'reasoning before a tool call, given back': unsigned,
}
const google = {
  ...foreignChat,
  service_tier: noTier,
  'one call at a time': noWord,
  'prompt cache markers': ownCache,
}

export const chatExceptions: Exceptions = {
  OpenAI: {
    'reasoning, asked for and read': noReasoningText,
    ...noChatSignatures,
    'prompt cache markers': passed,
  },
  VLLM: {
    ...noChatSignatures,
    'prompt cache markers': passed,
    verbosity: passed,
    service_tier: passed,
    metadata: passed,
    'prompt cache key': passed,
    'fields only OpenAI has (`prediction`)': passed,
  },
  Mistral: {
    'developer’s texts': passed,
    'usage in streams, asked for': notOffered('it always says, and refuses the question'),
    'files (PDF)': notOffered('in a form of its own, `document_url`'),
    audio: notOffered('in a form of its own'),
    'reasoning, asked for and read': notSaid('in a form of its own, which passes: `thinking` chunks of the content'),
    ...noChatSignatures,
    seed: notOffered('its name there is `random_seed`'),
    logit_bias: passed,
    'log probabilities, with alternatives': passed,
    verbosity: passed,
    service_tier: passed,
    'end user’s id': passed,
    'prompt cache key': passed,
    'prompt cache markers': passed,
  },
  AzureOpenAI: {
    'reasoning, asked for and read': noReasoningText,
    ...noChatSignatures,
    'prompt cache markers': passed,
  },
  Anthropic: {
    ...foreignChat,
    'end user’s id': ['works', ''],
    'temperature over 1': coolOnly,
    audio: noWord,
    'JSON without a schema': noWord,
    seed: noWord,
    frequency_penalty: noWord,
    presence_penalty: noWord,
    'log probabilities, with alternatives': noWord,
    'several answers (`n`)': noWord,
    service_tier: noTier,
  },
  AWSBedrock: {
    ...foreignChat,
    metadata: ['works', ''],
    'temperature over 1': coolOnly,
    'usage: reasoning tokens': notSaid('it doesn’t tell them apart'),
    'images by URL': noFetch,
    audio: noWord,
    'JSON without a schema': noWord,
    seed: noWord,
    frequency_penalty: noWord,
    presence_penalty: noWord,
    'log probabilities, with alternatives': noWord,
    'several answers (`n`)': noWord,
  },
  GoogleGemini: google,
  GoogleVertexAI: google,
  Cohere: {
    ...foreignChat,
    ...noChatSignatures,
    'usage: reasoning tokens': notSaid('it doesn’t tell them apart'),
    'one call at a time': noWord,
    'files (PDF)': notOffered('files of text only'),
    audio: noWord,
    'log probabilities, with alternatives': notOffered('of the chosen tokens only'),
    'several answers (`n`)': noWord,
    service_tier: noTier,
    'prompt cache markers': ownCache,
  },
}

const foreignMessages = {
  'tools the provider runs (web search)': noServerTools,
  '`count_tokens`': noCount,
}
const noThinkingSignatures = {
  'thinking signatures, given back': unsigned,
  'thinking before a tool call, given back': unsigned,
  'redacted thinking, given back': unsigned,
}
const openAiMessages = {
  ...foreignMessages,
  ...noThinkingSignatures,
  'files by URL': noFetch,
  'stop sequences': notSaid('it doesn’t say which one it met'),
  'prompt cache markers': ownCache,
}
const googleMessages = {
  'an answer begun by the client (prefill)': noPrefill,
  'tools the provider runs (web search)': noServerTools,
  'images as tool results': notOffered('from Gemini 3 on'),
  'one call at a time': noWord,
  'redacted thinking, given back': unsigned,
  'stop sequences': notSaid('it doesn’t say that it met one'),
  'end user’s id': noEndUser,
  'prompt cache markers': ownCache,
}

export const messagesExceptions: Exceptions = {
  OpenAI: {
    ...openAiMessages,
    'an answer begun by the client (prefill)': noPrefill,
    'thinking, asked for and read': noReasoningText,
    top_k: noWord,
  },
  VLLM: { ...openAiMessages, 'files (PDF)': noWord, 'stop sequences': ['works', ''] },
  Mistral: {
    ...openAiMessages,
    refusals: notSaid('they are texts like others'),
    'files (PDF)': ownDocuments,
    top_k: noWord,
    'end user’s id': noEndUser,
  },
  AzureOpenAI: {
    ...openAiMessages,
    'an answer begun by the client (prefill)': noPrefill,
    'thinking, asked for and read': noReasoningText,
    'files (PDF)': noWord,
    top_k: noWord,
  },
  Anthropic: {
    temperature: notOffered('the API version that the client asks for has no such field'),
    top_p: notOffered('the API version that the client asks for has no such field'),
    top_k: notOffered('the API version that the client asks for has no such field'),
  },
  AWSBedrock: {
    ...foreignMessages,
    'images by URL': noFetch,
    'files by URL': noFetch,
    'stop sequences': notSaid('it doesn’t say which one it met'),
    'end user’s id': noEndUser,
  },
  GoogleGemini: googleMessages,
  GoogleVertexAI: googleMessages,
  Cohere: {
    ...foreignMessages,
    refusals: notSaid('they are texts like others'),
    'an answer begun by the client (prefill)': noPrefill,
    ...noThinkingSignatures,
    'images as tool results': noMedia,
    'one call at a time': noWord,
    'files (PDF)': notOffered('files of text only'),
    'files by URL': noFetch,
    'stop sequences': notSaid('it doesn’t say which one it met'),
    'end user’s id': noEndUser,
    'prompt cache markers': ownCache,
  },
}

const foreignResponses = {
  verbosity: noWord,
  '`previous_response_id`': noState,
  'end user’s id': noEndUser,
  metadata: noMetadata,
  'prompt cache key': ownCache,
}
const googleResponses = {
  ...foreignResponses,
  'images as tool results': notOffered('from Gemini 3 on'),
  'one call at a time': noWord,
  service_tier: noTier,
}

export const responsesExceptions: Exceptions = {
  Mistral: {
    ...foreignResponses,
    ...noChatSignatures,
    'files (PDF)': ownDocuments,
    'files by URL': ownDocuments,
    service_tier: noTier,
  },
  AzureOpenAI: {
    '`previous_response_id`': ownResponses,
    'reasoning, asked for and read': noReasoningText,
    ...noChatSignatures,
    'files (PDF)': ownResponses,
    'files by URL': ownResponses,
    service_tier: noTier,
    metadata: noMetadata,
    'prompt cache key': ownCache,
  },
  Anthropic: {
    ...foreignResponses,
    'end user’s id': ['works', ''],
    'JSON without a schema': noWord,
    service_tier: noTier,
  },
  AWSBedrock: {
    ...foreignResponses,
    metadata: ['works', ''],
    'usage: reasoning tokens': notSaid('it doesn’t tell them apart'),
    'images by URL': noFetch,
    'files by URL': noFetch,
    'JSON without a schema': noWord,
  },
  GoogleGemini: googleResponses,
  GoogleVertexAI: googleResponses,
  Cohere: {
    ...foreignResponses,
    ...noChatSignatures,
    'usage: reasoning tokens': notSaid('it doesn’t tell them apart'),
    'images as tool results': noMedia,
    'one call at a time': noWord,
    'files (PDF)': notOffered('files of text only'),
    'files by URL': noFetch,
    service_tier: noTier,
  },
}

export const embeddingFeatures = ['as base64 (the client’s default), as numbers', 'several texts at once'] as const

export const embeddingExceptions: Exceptions = {
  Anthropic: Object.fromEntries(embeddingFeatures.map((feature) => [feature, notOffered('it has no embeddings')])),
  AWSBedrock: { 'several texts at once': notOffered('Titan takes one; Cohere’s models there take several') },
}
