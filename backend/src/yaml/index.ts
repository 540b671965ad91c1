export { findShapeFault } from './find-shape-fault.ts'
export { strictYaml } from './strict-yaml.ts'
export { readStrict, YamlFault } from './read-strict.ts'
