// Generated from crds/llm.example.com_llmmodelconfigs.yaml by scripts/generate-api-types.ts: do not edit.
import type { Resource } from '../resource.ts'

/**
 * The model, the server that runs it, and how many of them.
 */
export interface LLMModelConfigSpec {
  /**
   * The name that clients ask for. AIModel and LLMModelConfig objects of the namespace with the same name form one pool. Example gemma-2b-it.
   */
  readonly modelName: string
  /**
   * Whose wire format the server speaks. HuggingFace, VLLM, Ollama and Custom speak OpenAI's.
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
   * The container image of the inference server. Example my-registry/gemma-inference:v1.0.
   */
  readonly inferenceImage: string
  /**
   * What the container asks for and may use, as in a Pod.
   */
  readonly resources?: {
    /**
     * What is set aside for the container. Example cpu: "2", memory: 8Gi.
     */
    readonly requests?: {
      /**
       * A quantity. Examples 500m, 2, 8Gi.
       */
      readonly [k: string]: number | string
    }
    /**
     * The most that the container may use. Example nvidia.com/gpu: 1.
     */
    readonly limits?: {
      /**
       * A quantity. Examples 500m, 2, 8Gi.
       */
      readonly [k: string]: number | string
    }
    readonly [k: string]: unknown
  }
  /**
   * How many servers run. kubectl scale changes it, and so does autoscaling. Default 1.
   */
  readonly replicas: number
  /**
   * Environment variables of the container, as in a Pod.
   *
   * Items: One variable.
   */
  readonly environment?: readonly {
    /**
     * Name of the variable. Example HF_TOKEN.
     */
    readonly name: string
    /**
     * Its value, in plain. Secrets belong in valueFrom.
     */
    readonly value?: string
    /**
     * Where its value comes from. Not together with value.
     */
    readonly valueFrom?: {
      /**
       * An entry of a Secret.
       */
      readonly secretKeyRef?: {
        /**
         * Name of the object, in the same namespace.
         */
        readonly name: string
        /**
         * The entry to read.
         */
        readonly key: string
        /**
         * Whether the container may start without it.
         */
        readonly optional?: boolean
      }
      /**
       * An entry of a ConfigMap.
       */
      readonly configMapKeyRef?: {
        /**
         * Name of the object, in the same namespace.
         */
        readonly name: string
        /**
         * The entry to read.
         */
        readonly key: string
        /**
         * Whether the container may start without it.
         */
        readonly optional?: boolean
      }
      /**
       * A field of the Pod. Example metadata.name.
       */
      readonly fieldRef?: {
        /**
         * Version that fieldPath is written in. Default v1.
         */
        readonly apiVersion?: string
        /**
         * The field.
         */
        readonly fieldPath: string
      }
      /**
       * A request or limit of the container. Example limits.cpu.
       */
      readonly resourceFieldRef?: {
        /**
         * The container; this one where unsaid.
         */
        readonly containerName?: string
        /**
         * The resource.
         */
        readonly resource: string
        /**
         * Unit of the value. Example 1Mi.
         */
        readonly divisor?: number | string
      }
    }
  }[]
  /**
   * The port the server listens on. Default 8000.
   */
  readonly port: number
  /**
   * Replaces the image's entry point.
   *
   * Items: One word.
   */
  readonly command?: readonly string[]
  /**
   * Arguments of the entry point.
   *
   * Items: One argument.
   */
  readonly args?: readonly string[]
  /**
   * How the server's state is found out, as in a Pod.
   */
  readonly probes?: {
    /**
     * Startup probe, as in a Pod. While it fails, the others wait: give a large model time to load.
     */
    readonly startup?: {
      readonly [k: string]: unknown
    }
    /**
     * Readiness probe, as in a Pod.
     */
    readonly readiness?: {
      readonly [k: string]: unknown
    }
    /**
     * Liveness probe, as in a Pod.
     */
    readonly liveness?: {
      readonly [k: string]: unknown
    }
  }
  /**
   * Labels that a node must carry.
   */
  readonly nodeSelector?: {
    readonly [k: string]: string
  }
  /**
   * Taints of nodes to put up with, as in a Pod.
   *
   * Items: One toleration.
   */
  readonly tolerations?: readonly {
    readonly [k: string]: unknown
  }[]
  /**
   * Node and Pod affinity, as in a Pod.
   */
  readonly affinity?: {
    readonly [k: string]: unknown
  }
  /**
   * Secrets of the same namespace to fetch the image with.
   *
   * Items: One Secret.
   */
  readonly imagePullSecrets?: readonly {
    /**
     * Name of the Secret.
     */
    readonly name: string
  }[]
  /**
   * The service account that the Pods run as. Default: the namespace's default one.
   */
  readonly serviceAccountName?: string
  /**
   * Volumes of the Pod, as in a Pod.
   *
   * Items: One volume.
   */
  readonly volumes?: readonly {
    /**
     * Name of the volume.
     */
    readonly name: string
    readonly [k: string]: unknown
  }[]
  /**
   * Where volumes appear in the container, as in a Pod.
   *
   * Items: One mount.
   */
  readonly volumeMounts?: readonly {
    /**
     * Name of a volume of volumes.
     */
    readonly name: string
    /**
     * Path in the container.
     */
    readonly mountPath: string
    readonly [k: string]: unknown
  }[]
  /**
   * Changes replicas by the requests under way. Without it, replicas stays as set.
   */
  readonly autoscaling?: {
    /**
     * The fewest servers. 0 lets the model go to sleep; the next request wakes it. Default 1.
     */
    readonly minReplicas: number
    /**
     * The most servers.
     */
    readonly maxReplicas: number
    /**
     * Requests under way that one server should have. Example 8.
     */
    readonly targetRequestsPerReplica: number
    /**
     * How long a lower need must last before servers are taken away. Default 5m.
     */
    readonly scaleDownDelay: string
  }
  /**
   * Makes an Ingress that leads a host of its own to the gateway's path of this model.
   */
  readonly ingress?: {
    /**
     * The host. Example gemma.example.com.
     */
    readonly host: string
    /**
     * Name of an IngressClass. Default: the cluster's default one.
     */
    readonly className?: string
    /**
     * Name of a Secret of type kubernetes.io/tls in the same namespace. Without it, plain HTTP.
     */
    readonly tlsSecretName?: string
  }
  /**
   * The model name sent upstream, where it differs from modelName. Default: modelName. Example gpt-4o-2024-08-06.
   */
  readonly upstreamModel?: string
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
}

/**
 * What the operator found and did.
 */
export interface LLMModelConfigStatus {
  /**
   * Current phase of the model (e.g., "Ready", "Initializing", "Error").
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
   * How many servers exist.
   */
  readonly replicas?: number
  /**
   * How many of them answer.
   */
  readonly readyReplicas?: number
  /**
   * Label selector of the Pods, for kubectl scale and autoscalers.
   */
  readonly selector?: string
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
 * A model that the operator deploys: it makes a Deployment and a Service of it, and the Service becomes a target of the pool of its modelName.
 */
export type LLMModelConfig = Resource<LLMModelConfigSpec, LLMModelConfigStatus>
