import { block, type Directive, directive, jsonText } from './nginx-conf.ts';

/** A topology that clients may look for and that is not deployed. */
export interface Absence {
  readonly port: number;
  /** What to do about it, in a sentence. */
  readonly advice: string;
}

/** Answers for a topology that is not deployed. */
export function absentServer({ port, advice }: Absence, host: string): Directive {
  const detail = `This topology is not deployed here. ${advice}`;
  return block(
    'server',
    [],
    [
      directive('listen', `${host}:${port}`),
      directive('default_type', 'application/problem+json'),
      directive('return', '503', jsonText({ type: 'about:blank', title: 'Service Unavailable', status: 503, detail })),
    ],
  );
}

/** Tells nginx's own figures, to this machine or container alone. */
export function statusServer(port: number): Directive {
  return block(
    'server',
    [],
    [
      directive('listen', `127.0.0.1:${port}`),
      directive('access_log', 'off'),
      block('location', ['=', '/status'], [directive('stub_status')]),
      block('location', ['/'], [directive('return', '404')]),
    ],
  );
}
