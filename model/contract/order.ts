import { type Problem, parameterProblem } from './problem.ts';

/** One line of an order: so many of an item. */
export interface OrderLine {
  readonly item: number;
  readonly quantity: number;
}

/** What a client orders. */
export interface Order {
  readonly customer: string;
  readonly lines: readonly OrderLine[];
}

/** What an order may hold. */
export const orderLimits = { customer: 64, lines: 50, item: 10_000, quantity: 1000 } as const;

/** The order that a body holds, its keys in one order whatever theirs was; or what is wrong with it. */
export function parseOrder(body: string): Order | Problem {
  const value = parseJson(body);
  if (!isObject(value)) return parameterProblem('body', 'The body must be a JSON object.');
  const unknown = unknownKey(value, ['customer', 'lines']);
  if (unknown !== undefined) return parameterProblem(unknown, 'An order has a customer and lines, nothing else.');
  const { customer, lines } = value;
  if (typeof customer !== 'string' || !isName(customer)) {
    return parameterProblem('customer', `customer must be a text of 1 to ${orderLimits.customer} characters.`);
  }
  if (!Array.isArray(lines) || lines.length < 1 || lines.length > orderLimits.lines) {
    return parameterProblem('lines', `lines must be a list of 1 to ${orderLimits.lines} lines.`);
  }
  const parsed: OrderLine[] = [];
  for (const [index, line] of lines.entries()) {
    const result = parseLine(line, `lines[${index}]`);
    if ('problem' in result) return result;
    parsed.push(result);
  }
  return { customer, lines: parsed };
}

function parseLine(line: unknown, where: string): OrderLine | Problem {
  if (!isObject(line)) return parameterProblem(where, 'A line must be an object with an item and a quantity.');
  const unknown = unknownKey(line, ['item', 'quantity']);
  if (unknown !== undefined) {
    return parameterProblem(`${where}.${unknown}`, 'A line has an item and a quantity, nothing else.');
  }
  const { item, quantity } = line;
  if (!isWhole(item, orderLimits.item)) {
    return parameterProblem(`${where}.item`, `item must be a whole number from 1 to ${orderLimits.item}.`);
  }
  if (!isWhole(quantity, orderLimits.quantity)) {
    return parameterProblem(`${where}.quantity`, `quantity must be a whole number from 1 to ${orderLimits.quantity}.`);
  }
  return { item, quantity };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unknownKey(value: object, known: readonly string[]): string | undefined {
  // Cut, so that the answer to a huge key is small.
  return Object.keys(value)
    .find(key => !known.includes(key))
    ?.slice(0, 64);
}

/** Postgres takes neither U+0000 nor half a surrogate pair in a text. */
function isName(text: string): boolean {
  return (
    text.length >= 1 && text.length <= orderLimits.customer && !text.includes('\0') && !/\p{Surrogate}/u.test(text)
  );
}

function isWhole(value: unknown, maximum: number): value is number {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= maximum;
}
