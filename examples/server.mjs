// Fits over HTTP, bounded on every side: size of a request, number of jobs at once, time of a job;
// a client that goes away stops its job. It asks itself three questions and then stops.
// Run: node examples/server.mjs
import { createServer } from 'node:http';
import { once } from 'node:events';
import { curveFitBatch, expr, NadirError } from 'nadir';

const maxBytes = 1_000_000;
const maxJobs = 2;
const maxSeconds = 5;
let jobs = 0;

async function readBody(request) {
  const chunks = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > maxBytes)
      throw Object.assign(new Error(`more than ${maxBytes} bytes`), { statusCode: 413 });
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    throw Object.assign(new Error('the body is not JSON'), { statusCode: 400 });
  }
}

/** { model: 'a*exp(-k*x)+c', start: { a: 1, … }, x: […], curves: [[…], …] } → parameters and statuses */
async function answer(request, signal) {
  const { model, start, x, curves } = await readBody(request);
  const result = await curveFitBatch({
    // text is parsed by nadir itself, never evaluated: safe to take from a stranger
    model: expr(String(model)),
    params: start,
    x: Float64Array.from(x ?? []),
    y: Float64Array.from((curves ?? []).flat()),
    maxSeconds,
    signal,
  });
  const n = result.paramNames.length;
  return Array.from({ length: result.nFits }, (_, fit) => ({
    status: result.statusOf(fit),
    params: Object.fromEntries(
      result.paramNames.map((name, k) => [name, result.params[fit * n + k]]),
    ),
  }));
}

const server = createServer(async (request, response) => {
  const reply = (statusCode, body) =>
    response
      .writeHead(statusCode, { 'content-type': 'application/json' })
      .end(JSON.stringify(body));
  if (jobs >= maxJobs) return reply(503, { error: 'busy' });
  jobs++;
  const left = new AbortController();
  response.on('close', () => left.abort());
  try {
    reply(200, await answer(request, left.signal));
  } catch (error) {
    if (error instanceof NadirError || error instanceof TypeError)
      reply(400, { error: error.message });
    else reply(error.statusCode ?? 500, { error: error.message });
  } finally {
    jobs--;
  }
});
server.requestTimeout = 10_000;

server.listen(0, '127.0.0.1');
await once(server, 'listening');
const address = `http://127.0.0.1:${server.address().port}/`;

const x = Array.from({ length: 20 }, (_, i) => i / 4);
const curve = (a, k) => x.map((v) => a * Math.exp(-k * v));
const questions = {
  'two decays': JSON.stringify({
    model: 'a*exp(-k*x)',
    start: { a: 1, k: 1 },
    x,
    curves: [curve(3, 0.5), curve(2, 1.5)],
  }),
  'a typing error': JSON.stringify({
    model: 'a*exp(-k*x',
    start: { a: 1, k: 1 },
    x,
    curves: [curve(3, 0.5)],
  }),
  'too much': 'x'.repeat(maxBytes + 1),
};
for (const [title, body] of Object.entries(questions)) {
  const response = await fetch(address, { method: 'POST', body, headers: { connection: 'close' } });
  console.log(`${title}: ${response.status} ${await response.text()}`);
}
server.close();
