export { createMcp, type Mcp } from './create-mcp.ts'
export { challenge, checkPlace, mcpPages } from './pages.ts'
