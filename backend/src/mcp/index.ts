export { createMcp, type Mcp } from './create-mcp.ts'
export { checkPlace, createChallenge, mcpPages } from './pages.ts'
