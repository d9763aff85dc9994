// The clients that must not notice anything: socket.io-client by polling and by WebSocket, eventsource, and sharedb with rich text.
import { createHmac, randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { EventSource } from 'eventsource';
import { io } from 'socket.io-client';
import { WebSocket } from 'ws';

const require = createRequire(import.meta.url);
const Connection = require('sharedb/lib/client/connection');
const types = require('sharedb/lib/types');
types.register(require('rich-text').type);

const PERIOD = 50;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Times of one client since they were read last. */
class Times {
  constructor(name) {
    this.name = name;
    this.list = [];
  }

  figure() {
    const sorted = this.list.sort((a, b) => a - b);
    this.list = [];
    const at = (share) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
    return { name: this.name, count: sorted.length, p50: at(0.5), p99: at(0.99) };
  }
}

export async function startClients(url, key, fail) {
  const state = { closed: false };
  const clients = await Promise.all([
    drawer(url, 'polling', state, fail),
    drawer(url, 'websocket', state, fail),
    subscriber(url, key, state, fail),
    typist(url, state, fail),
  ]);
  return {
    figures: () => clients.map((client) => client.times.figure()),
    check: () => Promise.all(clients.map((client) => client.check())),
    close: () => {
      state.closed = true;
      clients.forEach((client) => client.close());
    },
  };
}

/** Draws strokes on a board of its own, with an acknowledgement each. */
async function drawer(url, transport, state, fail) {
  const times = new Times(`draw by ${transport}`);
  const socket = io(url + '/draw', { transports: [transport], reconnection: false });
  socket.on('disconnect', (reason) => !state.closed && fail(`${times.name}: disconnected, ${reason}`));
  await new Promise((resolve, reject) => socket.on('connect', resolve).on('connect_error', reject));
  const board = 'soak-' + randomUUID();
  const joined = await socket.timeout(5_000).emitWithAck('join', { board, key: randomUUID(), name: transport, color: '#112233' });
  if (joined.error) throw new Error(joined.error);
  let stroke = 0;
  (async () => {
    while (!state.closed && socket.connected) {
      const begun = performance.now();
      try {
        const answer = await socket.timeout(10_000).emitWithAck('points', { stroke: `s${stroke++}`, color: '#112233', width: 3, from: 0, points: [1, 2, 3, 4] });
        if (answer.error) fail(`${times.name}: ${answer.error}`);
        if (stroke % 1000 === 0) await socket.timeout(10_000).emitWithAck('clear');
        times.list.push(performance.now() - begun);
      } catch (error) {
        if (!state.closed) fail(`${times.name}: ${error.message}`);
      }
      await sleep(PERIOD);
    }
  })();
  return { times, check: async () => {}, close: () => socket.close() };
}

/** Subscribes to a topic as a browser does; what it publishes there must come, once and in order. */
async function subscriber(url, key, state, fail) {
  const times = new Times('event stream');
  const topic = 'soak/' + randomUUID();
  const hub = url + '/.well-known/mercure';
  const metadata = await (await fetch(url + '/.well-known/oauth-protected-resource/.well-known/mercure')).json();
  const source = new EventSource(`${hub}?match=${encodeURIComponent(topic)}`);
  source.onerror = (error) => !state.closed && fail(`${times.name}: broken, ${error.message ?? error.code ?? 'no reason'}`);
  await new Promise((resolve) => (source.onopen = resolve));
  let expected = 0;
  source.onmessage = (event) => {
    const { number, time } = JSON.parse(event.data);
    if (number !== expected) fail(`${times.name}: ${number} came instead of ${expected}`);
    expected = number + 1;
    times.list.push(performance.now() - time);
  };
  source.addEventListener('mercure', (event) => fail(`${times.name}: ${event.data}`));
  let number = 0;
  let token = null;
  const publish = async () => {
    if (number % 1000 === 0) token = sign(key, metadata.resource, topic);
    const data = JSON.stringify({ number: number++, time: performance.now() });
    const answer = await fetch(hub, { method: 'POST', headers: { authorization: `Bearer ${token}` }, body: new URLSearchParams({ topic, data }) });
    await answer.text();
    if (answer.status !== 200) fail(`${times.name}: publishing was answered with ${answer.status}`);
  };
  (async () => {
    while (!state.closed) {
      try {
        await publish();
      } catch (error) {
        if (!state.closed) fail(`${times.name}: ${error.cause?.code ?? error.message}`);
      }
      await sleep(PERIOD);
    }
  })();
  const check = async () => {
    for (let wait = 0; wait < 50 && expected < number; wait++) await sleep(100);
    if (expected < number - 1) fail(`${times.name}: ${number - expected} events did not come`);
  };
  return { times, check, close: () => source.close() };
}

function sign(key, audience, topic) {
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  const signed = encode({ alg: 'HS256', typ: 'at+jwt' }) + '.' + encode({
    iss: 'urn:starling:local', aud: audience, sub: 'soak', client_id: 'soak', jti: randomUUID(), iat: now, exp: now + 3600,
    authorization_details: [{ type: 'https://mercure.rocks/authorization-detail', actions: ['publish'], topics: [{ match: topic }] }],
  });
  return signed + '.' + createHmac('sha256', key).update(signed).digest('base64url');
}

/** Types into a document of the editor and takes it out again; the document must be what was typed. */
async function typist(url, state, fail) {
  const times = new Times('document');
  const name = 'soak-' + randomUUID();
  const created = await fetch(url + '/editor/api/documents', {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ name }),
  });
  if (created.status !== 201) throw new Error(`The document was not created: ${created.status} ${await created.text()}`);
  const cookie = created.headers.getSetCookie().map((line) => line.split(';')[0]).join('; ');
  const { document: id } = await created.json();
  const ws = new WebSocket(url.replace('http', 'ws') + '/editor/api/sharedb', { headers: { cookie } });
  ws.on('close', (code) => !state.closed && fail(`${times.name}: closed with ${code}`));
  ws.on('error', (error) => !state.closed && fail(`${times.name}: ${error.message}`));
  const connection = new Connection(ws);
  connection.on('error', (error) => fail(`${times.name}: ${error.code} ${error.message}`));
  const doc = connection.get('editor', id);
  await new Promise((resolve, reject) => doc.subscribe((error) => (error ? reject(error) : resolve())));
  doc.on('error', (error) => fail(`${times.name}: ${error.message}`));
  const submit = (op) => new Promise((resolve, reject) => doc.submitOp(op, (error) => (error ? reject(error) : resolve())));
  let typed = 0;
  (async () => {
    while (!state.closed) {
      const begun = performance.now();
      try {
        await submit(typed % 400 < 200 ? [{ insert: 'x' }] : [{ delete: 1 }]);
        typed++;
        times.list.push(performance.now() - begun);
      } catch (error) {
        if (!state.closed) fail(`${times.name}: ${error.message}`);
      }
      await sleep(PERIOD);
    }
  })();
  const check = async () => {
    const expected = typed % 400 < 200 ? typed % 400 : 400 - (typed % 400);
    const text = doc.data.ops.map((op) => op.insert).join('');
    if (Math.abs(text.replace(/\n$/, '').length - expected) > 1) fail(`${times.name}: ${text.length} characters instead of ${expected}`);
  };
  return { times, check, close: () => ws.close() };
}
