// The registry: the client APIs that can be translated, by operation.
import type { Operation } from '../providers/operation.ts'
import type { ConversationApi } from './conversation-api.ts'

export const conversationApis: Readonly<Partial<Record<Operation, ConversationApi>>> = {}
