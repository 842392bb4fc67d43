/** What a program needs of the user's environment to run at all, and where to put what is temporary or compiled. */
const inherited = ['PATH', 'HOME', 'USER', 'LANG', 'TMPDIR', 'NODE_COMPILE_CACHE'];

/**
 * The environment of everything that is measured: of the user's only what it needs, since an exported `NODE_OPTIONS`,
 * `PGOPTIONS` or `LOADLINE_LOG_LEVEL` would change what is measured, and nobody would see it in the results.
 */
export function inheritedEnvironment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => inherited.includes(name));
  return { ...Object.fromEntries(own), ...more };
}
