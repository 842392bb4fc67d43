/** What a problem says besides its message. */
interface ProblemWords {
  readonly title?: string | undefined;
  /** A line to type, which mends it. */
  readonly command?: string | undefined;
}

/** What the server says instead of doing what was asked (RFC 9457); its message is meant to be read. */
export class DashboardProblem extends Error {
  override readonly name = 'DashboardProblem';
  readonly status: number;
  readonly title: string | undefined;
  /** A line to type, which mends it. */
  readonly command: string | undefined;

  constructor(status: number, message: string, words: ProblemWords = {}) {
    super(message);
    this.status = status;
    this.title = words.title;
    this.command = words.command;
  }
}

/** The problem that an answer holds; one without words of its own gets some. */
export async function problemOf(response: Response): Promise<DashboardProblem> {
  const body: unknown = await response.json().catch(() => undefined);
  const detail = textIn(body, 'detail');
  if (detail !== undefined) {
    return new DashboardProblem(response.status, detail, {
      title: textIn(body, 'title'),
      command: textIn(body, 'command'),
    });
  }
  const away = response.status >= 502 && response.status <= 504;
  return new DashboardProblem(
    response.status,
    away ? 'The dashboard is away. It comes back by itself.' : `The dashboard answered with status ${response.status}.`,
  );
}

function textIn(body: unknown, member: string): string | undefined {
  const text = typeof body === 'object' && body !== null ? Reflect.get(body, member) : undefined;
  return typeof text === 'string' && text !== '' ? text : undefined;
}
