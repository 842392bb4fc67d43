import type { PageEvents } from '../protocol.ts';

/** `lost`: the server is away, and asked again until it is back. */
export type Connection = 'connecting' | 'open' | 'lost';

/** Who is told. */
export interface FeedListener {
  readonly events: { readonly [Name in keyof PageEvents]: (event: PageEvents[Name]) => void };
  readonly connection: (connection: Connection) => void;
  /** Called before each attempt: the address to listen at; `undefined`: there is none yet. Rejects where the server is away. */
  readonly prepare: () => Promise<string | undefined>;
}

/** Milliseconds between two attempts. */
const AGAIN_MS = 1000;
/** Frames come five times a second; after this many milliseconds without anything the connection is dead. */
const SILENCE_MS = 8000;

/** The connection to the server's events. */
export interface Feed {
  /** Tries at once, where it was not allowed to before. */
  readonly resume: () => void;
}

/**
 * Listens to the server's events for as long as the page is open. The browser's own reconnecting gives up when a proxy
 * answers in the server's place, so each attempt is a new source.
 */
export function openFeed(listener: FeedListener): Feed {
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
    heard(opened);
    opened.onerror = () => lose(opened);
    const on = <Name extends keyof PageEvents>(name: Name): void => {
      opened.addEventListener(name, ({ data }: MessageEvent<string>) => {
        heard(opened);
        if (name === 'hello') listener.connection('open');
        listener.events[name](JSON.parse(data));
      });
    };
    for (const name of ['hello', 'frame', 'second', 'state', 'mark'] as const) on(name);
  };
  const heard = (opened: EventSource): void => {
    clearTimeout(silence);
    silence = setTimeout(() => lose(opened), SILENCE_MS);
  };
  const lose = (opened: EventSource | undefined): void => {
    if (source !== opened) return;
    clearTimeout(silence);
    source?.close();
    source = undefined;
    listener.connection('lost');
    setTimeout(attempt, AGAIN_MS);
  };
  void attempt();
  return { resume: () => void attempt() };
}
