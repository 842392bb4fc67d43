import { randomUUID } from 'node:crypto';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { tryLock } from '../../lock.ts';
import { type DockerOptions, docker } from '../docker.ts';
import { HOST_LABEL, PROCESS_LABEL, removeProject, STACK_LABEL } from '../leftovers.ts';

/** What calls a function when a signal ends the test; handed in, since it lies with the tests of the other runtime. */
type WhenInterrupted = (stop: () => Promise<unknown>) => { stopped(): void };

/** A Compose project of a test's own. It is labelled as a stack is, so that it is found when the test is killed. */
export class OwnProject {
  readonly name: string;
  /** For what it is made from; goes with it. */
  readonly folder: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly #held = new AsyncDisposableStack();
  readonly #end = new AbortController();
  readonly #atWork = new Set<Promise<unknown>>();
  #removing: Promise<void> | undefined;

  static async make(whenInterrupted: WhenInterrupted): Promise<OwnProject> {
    const name = `loadline-test-${randomUUID().slice(0, 8)}`;
    const project = new OwnProject(name, await mkdtemp(join(await realpath(tmpdir()), `${name}-`)));
    const interrupted = whenInterrupted(() => project.remove());
    project.#held.defer(async () => interrupted.stopped());
    project.#held.use(await tryLock(`stack ${project.folder}`));
    project.#held.defer(() => rm(project.folder, { recursive: true, force: true }));
    project.#held.defer(() => removeProject(name));
    return project;
  }

  private constructor(name: string, folder: string) {
    this.name = name;
    this.folder = folder;
    this.labels = { [STACK_LABEL]: folder, [HOST_LABEL]: hostname(), [PROCESS_LABEL]: `${process.pid}` };
  }

  /** Runs `docker`, at the longest until the project is removed. */
  docker(args: readonly string[], options: DockerOptions = {}): Promise<string> {
    return this.awaited(docker(args, { ...options, signal: this.#end.signal }));
  }

  /** Has the removal wait for `work`, which makes something of the project. */
  async awaited<T>(work: Promise<T>): Promise<T> {
    this.#atWork.add(work);
    try {
      return await work;
    } finally {
      this.#atWork.delete(work);
    }
  }

  /** Keeps something for as long as there is the project. */
  keep(held: AsyncDisposable): void {
    this.#held.use(held);
  }

  /** Removes everything of it, also what is being made at this moment, and returns when it is gone. */
  remove(): Promise<void> {
    this.#removing ??= this.#remove();
    return this.#removing;
  }

  async #remove(): Promise<void> {
    this.#end.abort();
    if (this.#atWork.size > 0) {
      // What is being started fails when its containers go, instead of being waited for.
      await removeProject(this.name).catch(() => undefined);
      await Promise.allSettled(this.#atWork);
    }
    await this.#held.disposeAsync();
  }
}
