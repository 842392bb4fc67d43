/**
 * A program for a container in nginx's network: asks addresses again and again over connections that are kept, every
 * other request a POST, and prints what became of the requests as JSON. On stderr it counts its answers as they come.
 * `URLS REQUESTS CONNECTIONS GAP_MS`: URLs with commas in between; requests to each of them, or Infinity; connections
 * to each of them; the pause of a connection between an answer and its next request.
 *
 * A connection that is refused was never accepted, and ends that client; everything else has to be answered.
 */
import { Agent, request } from 'node:http';

const [urls = '', requests = '0', connections = '1', gapMs = '0'] = process.argv.slice(1);
const COUNTED = 100;

const seen = { refused: 0, lost: [] as string[], statuses: {} as Record<number, number> };
let total = 0;
const answered = await Promise.all(urls.split(',').map(askOne));
process.stdout.write(`${JSON.stringify({ answered, ...seen })}\n`);

/** How many requests to this address were answered. */
async function askOne(url: string): Promise<number> {
  let [sent, answers] = [0, 0];
  await Promise.all(Array.from({ length: Number(connections) }, client));
  return answers;

  async function client(): Promise<void> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    while (sent < Number(requests)) {
      sent += 1;
      const outcome = await ask(url, agent, sent % 2 === 0 ? 'GET' : 'POST');
      if (outcome === 'refused') {
        seen.refused += 1;
        break;
      }
      if (typeof outcome === 'number') {
        answers += 1;
        seen.statuses[outcome] = (seen.statuses[outcome] ?? 0) + 1;
        if (total++ % COUNTED === 0) process.stderr.write(`${total}\n`);
      } else seen.lost.push(outcome.lost);
      await new Promise(resolve => setTimeout(resolve, Number(gapMs)));
    }
    agent.destroy();
  }
}

function ask(url: string, agent: Agent, method: 'GET' | 'POST'): Promise<number | 'refused' | { lost: string }> {
  return new Promise(resolve => {
    const path = method === 'GET' ? '/wait?ms=5' : '/orders';
    const body = JSON.stringify({ customer: 'Ada', lines: [{ item: 1, quantity: 1 }] });
    const headers = method === 'POST' ? { 'content-type': 'application/json' } : {};
    const lost = (error: Error) => resolve({ lost: `${method} ${url}: ${error.message}` });
    const asked = request(url + path, { agent, method, headers }, response => {
      response.on('error', lost);
      response.on('end', () => resolve(response.statusCode ?? 0));
      response.resume();
    });
    asked.on('error', error => {
      if ('code' in error && error.code === 'ECONNREFUSED') resolve('refused');
      else lost(error);
    });
    asked.end(method === 'POST' ? body : undefined);
  });
}
