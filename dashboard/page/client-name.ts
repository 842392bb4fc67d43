/** Under which name a page that is loaded again was known to the server. */
const KEY = 'loadline-client';

/** The name that this page had before it was loaded again: who drove goes on driving. */
export function formerClient(): string {
  try {
    const client = sessionStorage.getItem(KEY) ?? '';
    // A page that is opened from this one gets a copy of what is stored, and must not pass for this one.
    sessionStorage.removeItem(KEY);
    return client;
  } catch {
    // The browser's owner does not want anything to be stored.
    return '';
  }
}

/** Keeps the name for the page that comes after this one in its place. */
export function keepClient(client: () => string): void {
  addEventListener('pagehide', () => {
    try {
      sessionStorage.setItem(KEY, client());
    } catch {
      // As above.
    }
  });
}
