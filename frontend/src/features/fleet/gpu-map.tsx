import type { FleetMap } from '@hub/shared'
import { Skeleton } from '@mantine/core'
import { Suspense, useMemo, useState, type ReactNode } from 'react'
import { InstanceMark } from '../../components/instance-mark.tsx'
import { lazyNamed } from '../../components/lazy-named.ts'
import { Section } from '../../components/section.tsx'
import { chooseColors } from './holder-colors.ts'
import { InstanceMap } from './instance-map.tsx'
import { chooseSizes } from './lay-out-map.ts'
import { countHolders, describeInstanceGpus, listPlaces, type MapCell } from './map-cells.ts'
import { MapLegend } from './map-legend.tsx'
import { PlainButton } from '../../components/plain-button.tsx'
import classes from './gpu-map.module.css'

export interface GpuMapProps {
  map: FleetMap
  /** The name of an instance as a link to it. */
  renderInstance: (id: string) => ReactNode
  renderHolder: (holder: { instance: string; namespace: string; name: string }) => ReactNode
  onOpen: (instance: string, cell: MapCell) => void
}

const GpuTable = lazyNamed(() => import('./gpu-table.tsx'), 'GpuTable')

const besideMax = 300

/** Every GPU of the fleet: a cell each, coloured by who holds it; or the same in words. */
export function GpuMap({ map, renderInstance, renderHolder, onOpen }: GpuMapProps) {
  const [asTable, setAsTable] = useState(false)
  const held = useMemo(() => countHolders(map), [map])
  const colorOf = useMemo(() => chooseColors(held.byNamespace.keys()), [held])
  const sizes = useMemo(() => chooseSizes(map.totals.total), [map.totals.total])
  return (
    <Section
      title="GPUs"
      actions={
        <PlainButton className={classes.toggle} onClick={() => setAsTable(!asTable)}>
          {asTable ? 'Show as a map' : 'Show as a table'}
        </PlainButton>
      }
    >
      {asTable ? (
        <Suspense fallback={<Skeleton height={240} aria-hidden />}>
          <GpuTable map={map} renderInstance={renderInstance} renderHolder={renderHolder} />
        </Suspense>
      ) : (
        <>
          <MapLegend totals={map.totals} held={held} colorOf={colorOf} />
          <ul
            className={classes.instances}
            data-columns={map.totals.total <= besideMax || undefined}
          >
            {map.instances.map((instance) => {
              const words = describeInstanceGpus(instance)
              return (
                <li key={instance.id} className={classes.instance}>
                  <div className={classes.head}>
                    <InstanceMark id={instance.id} />
                    {renderInstance(instance.id)}
                    <span className={classes.free}>{words}</span>
                  </div>
                  {listPlaces(instance).length > 0 && (
                    <InstanceMap
                      instance={instance}
                      words={words}
                      sizes={sizes}
                      colorOf={colorOf}
                      onOpen={onOpen}
                    />
                  )}
                  {instance.reason !== null && <p className={classes.reason}>{instance.reason}</p>}
                </li>
              )
            })}
          </ul>
        </>
      )}
    </Section>
  )
}
