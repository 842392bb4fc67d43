import { signal } from '@preact/signals';

/** Whether anybody can see the page: what is hidden is not drawn. */
export const visible = signal(!document.hidden);

document.addEventListener('visibilitychange', () => {
  visible.value = !document.hidden;
});
