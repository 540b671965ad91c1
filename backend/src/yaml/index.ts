export { findShapeFault } from './find-shape-fault.ts'
export { strictYaml } from './strict-yaml.ts'
export { writeYaml } from './write-yaml.ts'
export { readStrict, YamlFault } from './read-strict.ts'
