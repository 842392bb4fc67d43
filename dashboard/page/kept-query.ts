import { effect } from '@preact/signals';

/** Browsers refuse an address that changes too often. */
const WRITE_MS = 300;

/** Keeps the query of the page's address what `query` makes of the signals that it reads; what is given back ends that. */
export function keepQuery(query: () => string): () => void {
  let writing: ReturnType<typeof setTimeout> | undefined;
  const end = effect(() => {
    const present = query();
    clearTimeout(writing);
    writing = setTimeout(() => {
      if (present !== location.search) history.replaceState(null, '', `${location.pathname}${present}${location.hash}`);
    }, WRITE_MS);
  });
  return () => {
    clearTimeout(writing);
    end();
  };
}
