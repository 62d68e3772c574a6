// OpenAI itself. https://platform.openai.com/docs/api-reference
import type { Provider } from '../provider.ts'

export const openai: Provider = Object.freeze({
  name: 'OpenAI',
  isSupported: true,
  defaultEndpoint: 'https://api.openai.com/v1',
  credential: Object.freeze({ header: 'authorization', prefix: 'Bearer ' }),
  canAskUsage: true,
  operationPath: (operation) => `/${operation}`,
})
