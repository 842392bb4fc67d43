import { signal } from '@preact/signals';

/** A short message that goes away by itself. */
export interface Toast {
  readonly message: string;
}

/** Those that are shown, by number, the latest last. */
export const toasts = signal<readonly (Toast & { readonly number: number })[]>([]);

const SHOWN_MS = 8000;
/** More would hide what they speak of. */
const AT_ONCE = 3;
let last = 0;

/** Shows a message; one that is shown already only stays longer. */
export function toast(message: Toast): void {
  last += 1;
  const number = last;
  const others = toasts.value.filter(shown => shown.message !== message.message);
  toasts.value = [...others, { ...message, number }].slice(-AT_ONCE);
  setTimeout(() => dismiss(number), SHOWN_MS);
}

/** Takes a message away. */
export function dismiss(number: number): void {
  toasts.value = toasts.value.filter(shown => shown.number !== number);
}
