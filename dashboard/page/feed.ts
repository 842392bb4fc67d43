import type { Frame, Hello, Mark, Second, State } from '../protocol.ts';

/** `lost`: the server is away; the feed connects again until it is back. */
export type Connection = 'connecting' | 'open' | 'lost';

/** Who hears the server's events, by their names. */
interface FeedListener {
  readonly hello: (hello: Hello) => void;
  readonly frame: (frame: Frame) => void;
  readonly second: (second: Second) => void;
  readonly state: (state: State) => void;
  readonly mark: (mark: Mark) => void;
  readonly connection: (connection: Connection) => void;
  /** Called before each attempt: the address of the events; `undefined`: wait until the page connects at once. Rejects where the server is away. */
  readonly prepare: () => Promise<string | undefined>;
}

const RETRY_MS = 1000;
/** Frames come five times a second; after so long without any event the connection is dead. */
const SILENCE_MS = 8000;

/**
 * Listens to the server's events for as long as the page is open; returns how to connect at once. An EventSource stops reconnecting when a proxy answers
 * for the server, so each attempt makes a new one.
 */
export function openFeed(listener: FeedListener): () => void {
  let source: EventSource | undefined;
  let silence: ReturnType<typeof setTimeout> | undefined;

  const attempt = async (): Promise<void> => {
    try {
      const address = await listener.prepare();
      if (address !== undefined) listen(new EventSource(address));
    } catch {
      lose(undefined);
    }
  };
  const listen = (opened: EventSource): void => {
    source = opened;
    watchSilence(opened);
    opened.onerror = () => lose(opened);
    for (const name of ['hello', 'frame', 'second', 'state', 'mark'] as const) {
      opened.addEventListener(name, ({ data }: MessageEvent<string>) => {
        watchSilence(opened);
        if (name === 'hello') listener.connection('open');
        listener[name](JSON.parse(data));
      });
    }
  };
  const watchSilence = (opened: EventSource): void => {
    clearTimeout(silence);
    silence = setTimeout(() => lose(opened), SILENCE_MS);
  };
  const lose = (opened: EventSource | undefined): void => {
    if (source !== opened) return;
    clearTimeout(silence);
    source?.close();
    source = undefined;
    listener.connection('lost');
    setTimeout(attempt, RETRY_MS);
  };
  void attempt();
  return () => void attempt();
}
