// Google's models on Vertex AI: with a key (express mode), or as a service account in its project.
// https://cloud.google.com/vertex-ai/generative-ai/docs/start/express-mode/overview
import type { CredentialType, Provider } from '../provider.ts'
import { createChatCodec } from './create-chat-codec.ts'
import { vertexEmbeddings } from './embeddings.ts'
import { vertexApi } from './google-api.ts'
import { findVertexModelProblem } from './model-path.ts'

/**
 * The endpoint is the base of a project's location, `https://<location>-aiplatform.googleapis.com/v1/projects/<project>/locations/<location>`.
 * Without project and location in it: with a key the request says neither, as express mode has it; a service account's
 * requests get the project of its key file, and the location in the host's name or `global` (src/upstream/credentials).
 */
export const googleVertexAi: Provider = Object.freeze({
  name: 'GoogleVertexAI',
  defaultEndpoint: 'https://aiplatform.googleapis.com/v1',
  credential: Object.freeze({ header: 'x-goog-api-key', prefix: '' }),
  credentialTypes: new Set<CredentialType>(['APIKey', 'GCP']),
  requiredHeaders: [],
  canAskUsage: false,
  operationPath: () => null,
  findModelProblem: findVertexModelProblem,
  chat: createChatCodec(vertexApi),
  unary: Object.freeze({ embeddings: vertexEmbeddings }),
})
