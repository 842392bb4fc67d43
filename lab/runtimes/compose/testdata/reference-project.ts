import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DockerComposeEnvironment, type StartedDockerComposeEnvironment, Wait } from 'testcontainers';
import type { Seconds } from '../../../../model/quantities.ts';
import { topologyNames } from '../../../../model/topology.ts';
import { splitLines } from '../docker.ts';
import { IMAGE, readReference } from '../project.ts';
import type { OwnProject } from './own-project.ts';

type Variables = Readonly<Record<string, string>>;

/** With images that have to be fetched first. */
const BUILD_LIMIT: Seconds = 400;
const LIMIT: Seconds = 60;
const never = new AbortController().signal;

/** A folder's `docker-compose.yml` as it is, in a project that meets no other. */
export class ReferenceProject {
  readonly project: OwnProject;
  readonly #root: string;
  readonly #files: readonly string[];
  readonly #variables: Variables;

  /** Has the engine choose free ports; nothing is built or started yet. */
  static async prepare(root: string, project: OwnProject, chosen: Variables = {}): Promise<ReferenceProject> {
    const ports = ['PAGE', ...topologyNames].map(name => `PORT_${name.toUpperCase().replace('-', '_')}`);
    const own = {
      IMAGE,
      ...Object.fromEntries(ports.map(port => [port, '0'])),
    };
    const variables = { ...own, ...chosen };
    const { services, networks, volumes } = await readReference(root, {
      project: project.name,
      variables,
      signal: never,
    });
    const labelled = (things: object) =>
      Object.fromEntries(Object.keys(things).map(name => [name, { labels: project.labels }]));
    const labels = { services: labelled(services), networks: labelled(networks), volumes: labelled(volumes) };
    const labelFile = join(project.folder, 'labels.json');
    await writeFile(labelFile, JSON.stringify(labels));
    return new ReferenceProject(root, [join(root, 'docker-compose.yml'), labelFile], project, variables);
  }

  private constructor(root: string, files: readonly string[], project: OwnProject, variables: Variables) {
    this.#root = root;
    this.#files = files;
    this.project = project;
    this.#variables = variables;
  }

  /** The same with other variables. */
  with(others: Variables): ReferenceProject {
    return new ReferenceProject(this.#root, this.#files, this.project, { ...this.#variables, ...others });
  }

  /** Runs `docker compose`. */
  compose(...args: string[]): Promise<string> {
    return this.#compose(args, LIMIT);
  }

  /** Builds its images, which takes long where there are none yet. */
  async build(): Promise<void> {
    await this.#compose(['--profile', '*', 'build'], BUILD_LIMIT);
  }

  /** Starts everything with Testcontainers, and returns when all of it is healthy. */
  startWhole(): Promise<StartedDockerComposeEnvironment> {
    const environment = new DockerComposeEnvironment(this.#root, [...this.#files])
      .withProjectName(this.project.name)
      .withEnvironment({ ...this.#variables })
      .withDefaultWaitStrategy(Wait.forHealthCheck())
      // It has no health check: that it runs is enough.
      .withWaitStrategy('k6-1', Wait.forSuccessfulCommand('true'))
      .withWaitStrategy('schema-1', Wait.forOneShotStartup())
      .withWaitStrategy('stack-1', Wait.forOneShotStartup());
    return this.project.awaited(environment.up());
  }

  /** The ids of its containers, sorted. */
  async ids(): Promise<string[]> {
    return splitLines(await this.compose('ps', '--all', '--quiet')).sort();
  }

  /** Where a port of nginx's container is published. */
  async urlOf(port: number): Promise<string> {
    return `http://${(await this.compose('port', 'nginx', `${port}`)).trim()}`;
  }

  #compose(args: readonly string[], limit: Seconds): Promise<string> {
    const files = this.#files.flatMap(file => ['--file', file]);
    const named = ['compose', ...files, '--project-name', this.project.name];
    return this.project.docker([...named, ...args], { variables: this.#variables, limit });
  }
}
