import type { Bytes } from './units.ts';

/** An amount of memory, as an experiment file has it: `800MB`, `1.5GB`. */
export const memoryText = /^\d+(\.\d+)?(MB|GB)$/;

/** The bytes of an amount that `memoryText` matches. */
export function bytesOf(text: string): Bytes {
  return Math.round(Number.parseFloat(text) * (text.endsWith('GB') ? 1e9 : 1e6));
}

/** The amount that `bytesOf` reads as so many bytes. */
export function memoryOf(bytes: Bytes): string {
  return `${bytes / 1e6}MB`;
}
