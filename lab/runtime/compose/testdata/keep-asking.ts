/**
 * A program for a container in nginx's network: asks one address again and again over connections that are kept, every
 * other request a POST, and prints what became of each request as JSON, and a
 * line on stderr when the first is answered. `URL REQUESTS CONNECTIONS GAP_MS`
 *
 * A connection that is refused was never accepted, and ends that client; everything else has to be answered.
 */
import { Agent, request } from 'node:http';

const [url = '', requests = '0', connections = '1', gapMs = '0'] = process.argv.slice(1);

const counted = { answered: 0, refused: 0, lost: [] as string[], statuses: {} as Record<number, number> };
let left = Number(requests);

await Promise.all(Array.from({ length: Number(connections) }, client));
process.stdout.write(`${JSON.stringify(counted)}\n`);

async function client(): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  while (left > 0) {
    left -= 1;
    const outcome = await ask(agent, left % 2 === 0 ? 'GET' : 'POST');
    if (outcome === 'refused') {
      counted.refused += 1;
      break;
    }
    if (typeof outcome === 'number') {
      if (counted.answered === 0) process.stderr.write('begun\n');
      counted.answered += 1;
      counted.statuses[outcome] = (counted.statuses[outcome] ?? 0) + 1;
    } else counted.lost.push(outcome.lost);
    await new Promise(resolve => setTimeout(resolve, Number(gapMs)));
  }
  agent.destroy();
}

function ask(agent: Agent, method: 'GET' | 'POST'): Promise<number | 'refused' | { lost: string }> {
  return new Promise(resolve => {
    const path = method === 'GET' ? '/wait?ms=5' : '/orders';
    const body = JSON.stringify({ customer: 'Ada', lines: [{ item: 1, quantity: 1 }] });
    const headers = method === 'POST' ? { 'content-type': 'application/json' } : {};
    const asked = request(url + path, { agent, method, headers }, response => {
      response.on('error', error => resolve({ lost: `${method}: ${error.message}` }));
      response.on('end', () => resolve(response.statusCode ?? 0));
      response.resume();
    });
    asked.on('error', error => {
      const refused = 'code' in error && error.code === 'ECONNREFUSED';
      resolve(refused ? 'refused' : { lost: `${method}: ${error.message}` });
    });
    asked.end(method === 'POST' ? body : undefined);
  });
}
