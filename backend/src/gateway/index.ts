export { answerUnknownCall } from './answer-error.ts'
export { createGateway, type Gateway } from './create-gateway.ts'
export { gatewayPages } from './pages.ts'
export { warnOfName } from './warn-of-name.ts'
