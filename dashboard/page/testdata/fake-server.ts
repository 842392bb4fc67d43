import { mock, type TestContext } from 'node:test';

/** A request as the page sent it. */
export interface SentRequest {
  readonly route: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** Answers the page's requests in place of the server, for as long as the test takes; gives back what was asked. */
export function serve(
  test: TestContext,
  answer: (request: SentRequest) => Response | Promise<Response>,
): SentRequest[] {
  Object.assign(globalThis, { location: new URL('http://127.0.0.1:8080/') });
  test.after(() => Reflect.deleteProperty(globalThis, 'location'));
  const requests: SentRequest[] = [];
  const fetched = mock.method(
    globalThis,
    'fetch',
    async (path: string, { method = 'GET', headers, body }: RequestInit) => {
      const request = {
        route: `${method} ${path}`,
        headers: Object.fromEntries(new Headers(headers)),
        body: typeof body === 'string' ? JSON.parse(body) : undefined,
      };
      requests.push(request);
      return answer(request);
    },
  );
  test.after(() => fetched.mock.restore());
  return requests;
}

/** 204. */
export const done = (): Response => new Response(null, { status: 204 });

/** A problem with these words. */
export const problem = (status: number, detail: string): Response =>
  Response.json({ type: 'about:blank', title: 'Problem', status, detail }, { status });
