export { countAsked, countGpus } from './count-gpus.ts'
export { createBudgets, type Budgets } from './create-budgets.ts'
