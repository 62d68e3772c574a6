// The admin port described for machines: https://spec.openapis.org/oas/v3.1.0

const json = (description: string) => ({ description, content: { 'application/json': { schema: { type: 'object' } } } })
const query = (name: string, description: string) => ({ name, in: 'query', description, schema: { type: 'string' } })
const notLocal = json('Asked from beyond loopback')

export const openApiDocument = {
  openapi: '3.1.0',
  info: { title: 'Sluice admin', version: '1', description: 'Health, metrics and the served configuration.' },
  paths: {
    '/healthz': { get: { summary: 'Alive; depends on nothing outside', responses: { 200: json('Alive') } } },
    '/readyz': {
      get: {
        summary: 'Every source synced, a table built, not draining',
        responses: { 200: json('Ready'), 503: json('Not ready, with the reason') },
      },
    },
    '/metrics': {
      get: {
        summary: 'Prometheus metrics',
        responses: { 200: { description: 'Text format', content: { 'text/plain': { schema: { type: 'string' } } } } },
      },
    },
    '/config': {
      get: {
        summary: 'The served table without secrets, its generation and digest, the status of every object',
        responses: { 200: json('The table'), 403: notLocal, 503: json('No table yet') },
      },
    },
    '/explain': {
      get: {
        summary: 'Which route and targets a request would get, and why',
        parameters: [
          query('path', 'Request path; default /v1/chat/completions'),
          query('model', 'Model name of the body'),
          query('key', 'API key of the caller; never repeated or logged'),
          query('host', 'Host header'),
        ],
        responses: { 200: json('The explanation'), 403: notLocal, 503: json('No table yet') },
      },
    },
  },
}
