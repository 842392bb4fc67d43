/** What the server says instead of doing what was asked (RFC 9457); its message is meant to be read. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** The problem that an answer holds; one without words of its own gets some. */
export async function problemOf(response: Response): Promise<Problem> {
  const body: unknown = await response.json().catch(() => undefined);
  const detail = typeof body === 'object' && body !== null && 'detail' in body ? body.detail : undefined;
  if (typeof detail === 'string' && detail !== '') return new Problem(response.status, detail);
  const away = response.status >= 502 && response.status <= 504;
  return new Problem(
    response.status,
    away ? 'The dashboard is away. It comes back by itself.' : `The dashboard answered with status ${response.status}.`,
  );
}
