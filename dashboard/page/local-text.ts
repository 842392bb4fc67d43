const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const list = new Intl.ListFormat('en-GB', { type: 'conjunction' });

/** A moment (seconds since 1970) as a clock shows it where the page is read: `14:03:07`. */
export function shownMoment(time: number): string {
  return clock.format(time * 1000);
}

/** Names as a sentence lists them: `sync, async and hybrid`. */
export function listed(names: readonly string[]): string {
  return list.format(names);
}
