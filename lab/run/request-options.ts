import type { WeightedRequest } from '../../model/wire.ts';

/** How undici is told to send a request, beside its address. */
export function requestOptions({ method, body }: Pick<WeightedRequest, 'method' | 'body'>) {
  return { method, body: body ?? null, headers: body === undefined ? {} : { 'content-type': 'application/json' } };
}
