export { answerUnknownCall } from './answer-error.ts'
export { createGateway, type Gateway } from './create-gateway.ts'
export { gatewayPages } from './pages.ts'
