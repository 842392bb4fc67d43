import type { LimitedContainer } from '../../model/deployment.ts';
import type { ContainerCpus, LimitedResource } from '../../model/measurement.ts';

/** Whether it is the limited CPU time of a container. */
export function isContainerCpus(resource: LimitedResource): resource is ContainerCpus {
  return resource.endsWith('-cpus');
}

/** The container of a resource that is a container's. */
export function containerIn(resource: ContainerCpus): LimitedContainer {
  return resource.slice(0, -'-cpus'.length) as LimitedContainer;
}
