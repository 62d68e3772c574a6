// Generated from crds/ai.example.com_aimodels.yaml by scripts/generate-api-types.ts: do not edit.
import type { Resource } from '../resource.ts'

/**
 * What the model is, where it is, and how to call it.
 */
export interface AIModelSpec {
  /**
   * The unique name of the AI model. Clients ask for it as "model". The first namespace that uses a name owns it.
   */
  readonly modelName: string
  /**
   * The provider of the AI model (e.g., OpenAI, HuggingFace, custom). It decides the wire format and, for known providers, the default endpoint. Custom is any server that speaks OpenAI's format.
   */
  modelProvider:
    | 'OpenAI'
    | 'HuggingFace'
    | 'Custom'
    | 'Anthropic'
    | 'AzureOpenAI'
    | 'AWSBedrock'
    | 'GoogleGemini'
    | 'GoogleVertexAI'
    | 'Mistral'
    | 'Cohere'
    | 'Groq'
    | 'DeepSeek'
    | 'TogetherAI'
    | 'Fireworks'
    | 'OpenRouter'
    | 'XAI'
    | 'Ollama'
    | 'VLLM'
  /**
   * The version of the AI model.
   */
  readonly modelVersion?: string
  /**
   * The type of AI model (e.g., LLM, ImageGen, Sentiment). It decides which operation a bare POST to the model's path means.
   */
  readonly modelType: 'LLM' | 'ImageGen' | 'Sentiment' | 'Embedding' | 'Rerank' | 'SpeechToText' | 'TextToSpeech' | 'Moderation'
  /**
   * Model-specific parameters (e.g., temperature, max_tokens). Merged into every request that does not set them itself. maxTokens and max_tokens mean the same.
   */
  readonly parameters?: {
    readonly [k: string]: unknown
  }
  /**
   * The external API endpoint for the model, if applicable. The base URL with its version segment; operations such as /chat/completions are appended to it. Example https://api.openai.com/v1. Known providers have a default. Custom needs one, or an LLMModelConfig with the same modelName.
   */
  readonly endpoint?: string
  /**
   * The model name sent upstream, where it differs from modelName. Default: modelName. Example gpt-4o-2024-08-06.
   */
  readonly upstreamModel?: string
  /**
   * AzureOpenAI only: the api-version that requests name. Default 2024-10-21; none for an endpoint that ends in /openai/v1. Example 2025-04-01-preview.
   */
  readonly apiVersion?: string
  /**
   * Further names for the model: exact, or with one * at the beginning or the end (gpt-4o-*). An exact name wins over a pattern, and a modelName over both.
   *
   * Items: A model name, or a pattern with one * at its beginning or end.
   */
  readonly aliases?: readonly string[]
  /**
   * Public: clients may ask for the model by name, and it is listed under /v1/models. Internal: it is reached only through an AIGatewayRoute. Default Public.
   */
  readonly visibility: 'Public' | 'Internal'
  /**
   * The gateway's own credential for the provider. A client's key is never sent upstream.
   */
  readonly credentials?: {
    /**
     * How the secret is used. APIKey: in the provider's key header. AWS: signs the request. GCP: a service account that is exchanged for a token. Azure: an Entra ID client. Default APIKey.
     */
    readonly type: 'APIKey' | 'AWS' | 'GCP' | 'Azure'
    /**
     * Where the secret is.
     */
    readonly secretRef?: {
      /**
       * Name of a Secret in the same namespace.
       */
      readonly name: string
      /**
       * The entry of the Secret's data to read. Example token.
       */
      readonly key: string
    }
  }
  /**
   * What the provider charges, per million tokens, as decimal strings ("0.15", quoted). Feeds cost metrics, budgets and the LowestCost strategy.
   */
  readonly pricing?: {
    /**
     * Price of a million input (prompt) tokens. Example "2.50".
     */
    readonly input?: string
    /**
     * Price of a million input tokens that the provider read from its cache; without it, the price of input. Example "1.25".
     */
    readonly cachedInput?: string
    /**
     * Price of a million output (completion) tokens. Example "10".
     */
    readonly output?: string
    /**
     * Currency of the three prices, as its ISO 4217 code. Default USD.
     */
    readonly currency: string
  }
  /**
   * The model's own limits. A request beyond them is refused before it costs anything.
   */
  readonly limits?: {
    /**
     * The most tokens of input and output together. Example 128000.
     */
    readonly contextWindowTokens?: number
    /**
     * The most output tokens of one answer. Example 16384.
     */
    readonly maxOutputTokens?: number
  }
  /**
   * What happens to a parameter of a request that is translated for this provider and that the provider has no equal of (logit_bias for Anthropic). Refuse: 400 unsupported_parameter, by name. Drop: it is left out, and named in the answer's x-sluice-dropped header. Default Refuse.
   */
  readonly unsupportedParameters: 'Refuse' | 'Drop'
  /**
   * Time limits as Go durations (500ms, 30s, 1m30s; at most 24h). 0s means no limit. They win over the gateway's defaults; those of a route win over these.
   */
  readonly timeouts?: {
    /**
     * Longest time to open the connection, name lookup and TLS handshake included. Example 2s.
     */
    readonly connect?: string
    /**
     * Longest time from the request sent to the first byte of the answer. Example 30s.
     */
    readonly firstByte?: string
    /**
     * Longest silence between two pieces of an answer that has begun, a stream's events for example. Example 60s.
     */
    readonly idle?: string
    /**
     * Longest time for the whole exchange. Without it there is no cap, so long streams live. Example 10m.
     */
    readonly total?: string
  }
  /**
   * How the endpoint's certificate is checked, where the system's own trust does not do.
   */
  readonly tls?: {
    /**
     * A Secret in the same namespace with the CA certificates (PEM) to trust besides the system's.
     */
    readonly caRef?: {
      /**
       * Name of the Secret.
       */
      readonly name: string
      /**
       * The entry of the Secret's data to read. Default ca.crt.
       */
      readonly key: string
    }
    /**
     * The name to ask for (SNI) and to find in the certificate, where it is not the endpoint's host.
     */
    readonly serverName?: string
  }
  /**
   * Headers to change on requests to the provider.
   */
  readonly headers?: {
    /**
     * Headers to set, replacing what was there. Applied after remove.
     *
     * Items: One header.
     */
    readonly set?: readonly {
      /**
       * Header name, in any case. Example X-Team.
       */
      readonly name: string
      /**
       * Header value, visible ASCII, spaces and tabs; line breaks are refused.
       */
      readonly value: string
    }[]
    /**
     * Names of headers to remove.
     *
     * Items: Header name, in any case.
     */
    readonly remove?: readonly string[]
  }
}

/**
 * What the operator found.
 */
export interface AIModelStatus {
  /**
   * Current phase of the AI model (e.g., "Ready", "Initializing", "Error").
   */
  readonly phase?: 'Ready' | 'Initializing' | 'Updating' | 'Error'
  /**
   * Human-readable explanation for the current phase.
   */
  readonly reason?: string
  /**
   * When this status last changed.
   */
  readonly lastUpdateTime?: string
  /**
   * The internal endpoint where the model service is accessible.
   */
  readonly modelEndpoint?: string
  /**
   * The metadata.generation that this status was made from.
   */
  readonly observedGeneration?: number
  /**
   * Accepted, ResolvedRefs, Programmed, Ready and, while an older version of the spec is served, Degraded.
   *
   * Items: One statement on the object.
   */
  readonly conditions?: readonly {
    /**
     * Accepted, ResolvedRefs, Programmed, Ready or Degraded.
     */
    readonly type: string
    /**
     * Whether the statement holds.
     */
    readonly status: 'True' | 'False' | 'Unknown'
    /**
     * One word for programs to match on. Example RefNotFound.
     */
    readonly reason: string
    /**
     * The same for people.
     */
    readonly message: string
    /**
     * When status last changed.
     */
    readonly lastTransitionTime: string
    /**
     * The metadata.generation that this was said of.
     */
    readonly observedGeneration?: number
  }[]
}

/**
 * One model behind one provider endpoint. All AIModel and LLMModelConfig objects of a namespace that carry the same modelName form one pool of targets behind that name.
 */
export type AIModel = Resource<AIModelSpec, AIModelStatus>
