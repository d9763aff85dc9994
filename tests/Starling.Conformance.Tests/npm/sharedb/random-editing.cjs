// ShareDB clients edit the same documents at random through connections that are slow and break, on several nodes. At the end all have to
// be equal; writes the documents as JSON for the caller to compare with its store.
//   node random-editing.cjs '{"urls":[...],"documents":{"id":"type"},"clients":8,"operations":3000,"seed":1}'
'use strict';
const Connection = require('sharedb/lib/client/connection');
const types = require('sharedb/lib/types');
const { WebSocket } = require('ws');

const settings = JSON.parse(process.argv[2]);
types.register(require('rich-text').type);

// Reproducible as far as the network is.
let state = settings.seed >>> 0;
function random() {
  state = (state + 0x6d2b79f5) >>> 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t ^= t + Math.imul(t ^ (t >>> 7), 61 | t);
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}
const below = (n) => Math.floor(random() * n);
const pick = (list) => list[below(list.length)];
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A WebSocket whose messages arrive late, and which breaks when it is told to, with all that is under way. */
class BadSocket {
  constructor(url) {
    this.readyState = 0;
    this.delay = below(30);
    this.ws = new WebSocket(url);
    this.ws.on('open', () => {
      this.readyState = 1;
      this.onopen();
    });
    this.ws.on('message', (data) => this.later(() => this.onmessage({ data: String(data) })));
    this.ws.on('close', () => this.end());
    this.ws.on('error', () => {});
  }

  // Timers of one length fire in order.
  later(action) {
    setTimeout(() => {
      if (this.readyState === 1) action();
    }, this.delay);
  }

  send(text) {
    this.later(() => this.ws.send(text));
  }

  close() {
    this.end();
    this.ws.close();
  }

  breakNow() {
    this.end();
    this.ws.terminate();
  }

  end() {
    if (this.readyState === 3) return;
    this.readyState = 3;
    if (this.onclose) this.onclose('broken');
  }
}

const words = ['a', 'bc', 'd\u00e9', '\u4f60', '\ud83d\ude00', ' ', 'xyz'];

function randomValue() {
  return pick([() => below(100), () => pick(words), () => null, () => [below(9), pick(words)], () => ({ n: below(9), t: pick(words), l: [] })])();
}

/** A json0 operation that fits the data: one component at a random place. */
function json0(data) {
  let node = data;
  const path = [];
  while (true) {
    const keys = Array.isArray(node) ? [...node.keys()] : Object.keys(node);
    const deeper = keys.filter((key) => node[key] !== null && typeof node[key] === 'object');
    if (deeper.length === 0 || random() < 0.4) break;
    const key = pick(deeper);
    path.push(key);
    node = node[key];
  }
  const keys = Array.isArray(node) ? [...node.keys()] : Object.keys(node);
  const at = keys.length ? pick(keys) : undefined;
  const value = at === undefined ? undefined : node[at];
  if (typeof value === 'number' && random() < 0.6) return [{ p: [...path, at], na: below(10) - 5 }];
  if (typeof value === 'string' && random() < 0.7) {
    const offset = below(value.length + 1);
    if (offset < value.length && random() < 0.4) return [{ p: [...path, at, offset], sd: value.slice(offset, offset + 1 + below(3)) }];
    return [{ p: [...path, at, offset], si: pick(words) }];
  }
  if (Array.isArray(node)) {
    const index = below(node.length + 1);
    const crowded = node.length > 8;
    if (index === node.length || (!crowded && random() < 0.5)) return [{ p: [...path, index], li: randomValue() }];
    if (random() < 0.4) return [{ p: [...path, index], lm: below(node.length) }];
    return random() < 0.5 || crowded ? [{ p: [...path, index], ld: node[index] }] : [{ p: [...path, index], ld: node[index], li: randomValue() }];
  }
  const key = 'k' + below(6);
  if (!(key in node)) return [{ p: [...path, key], oi: randomValue() }];
  return random() < 0.4 ? [{ p: [...path, key], od: node[key] }] : [{ p: [...path, key], od: node[key], oi: randomValue() }];
}

/** A rich-text operation that fits the data. */
function richText(data) {
  const length = data.ops.reduce((sum, op) => sum + (typeof op.insert === 'string' ? op.insert.length : 1), 0);
  const at = below(length + 1);
  const ops = at > 0 ? [{ retain: at }] : [];
  const rest = length - at;
  const choice = random();
  if (rest > 0 && (choice < 0.35 || length > 400)) ops.push({ delete: 1 + below(Math.min(rest, 6)) });
  else if (rest > 0 && choice < 0.55) ops.push({ retain: 1 + below(rest), attributes: { [pick(['bold', 'italic'])]: pick([true, null]) } });
  else if (choice < 0.65) ops.push({ insert: { image: pick(words) } });
  else ops.push({ insert: pick(words) + pick(words), ...(random() < 0.3 ? { attributes: { bold: true } } : {}) });
  return { ops };
}

const generators = { json0, 'rich-text': richText };
const first = { json0: () => ({ list: [1, 'two', { three: 3 }], text: 'hello', n: 0 }), 'rich-text': () => [{ insert: 'hello\n' }] };

async function main() {
  const failures = [];
  let done = 0;
  let broken = 0;
  const connect = (client) => {
    client.socket = new BadSocket(pick(settings.urls));
    if (client.connection) client.connection.bindToSocket(client.socket);
    else client.connection = new Connection(client.socket);
  };
  const clients = [];
  for (let i = 0; i < settings.clients; i++) {
    const client = {};
    connect(client);
    client.connection.on('error', (error) => failures.push(String(error.stack || error)));
    client.docs = Object.entries(settings.documents).map(([id, type]) => {
      const doc = client.connection.get('random', id);
      doc.on('error', (error) => failures.push(`${id}: ${error.code} ${error.message}`));
      doc.kind = type;
      return doc;
    });
    clients.push(client);
  }
  const promise = (start) => new Promise((resolve, reject) => start((error) => (error ? reject(error) : resolve())));
  for (const doc of clients[0].docs) await promise((callback) => doc.create(first[doc.kind](), types.map[doc.kind].uri, callback));
  await Promise.all(clients.flatMap((client) => client.docs.map((doc) => promise((callback) => doc.subscribe(callback)))));

  let working = true;
  const breaking = (async () => {
    while (working) {
      await sleep(20 + below(150));
      const client = pick(clients);
      if (client.socket.readyState !== 1) continue;
      broken++;
      client.socket.breakNow();
      setTimeout(() => connect(client), below(200));
    }
  })();

  async function edit(client) {
    while (done < settings.operations && failures.length === 0) {
      for (let burst = 1 + below(4); burst > 0 && done < settings.operations; burst--) {
        const doc = pick(client.docs);
        if (!doc.type) continue;
        done++;
        doc.submitOp(generators[doc.kind](doc.data), (error) => {
          if (error) failures.push(`${doc.id}: ${error.code} ${error.message}`);
        });
      }
      await sleep(below(12));
      // Nobody types a thousand characters ahead.
      while (client.docs.some((doc) => doc.pendingOps.length > 20) && failures.length === 0) await sleep(5);
    }
  }
  await Promise.all(clients.map(edit));
  working = false;
  await breaking;
  await sleep(250);
  await Promise.all(clients.map((client) => new Promise((resolve) => client.connection.whenNothingPending(resolve))));

  const reader = {};
  connect(reader);
  const result = {};
  for (const id of Object.keys(settings.documents)) {
    const fresh = reader.connection.get('random', id);
    await promise((callback) => fresh.fetch(callback));
    const docs = clients.map((client) => client.connection.get('random', id));
    for (let wait = 0; wait < 200 && docs.some((doc) => doc.version !== fresh.version); wait++) await sleep(25);
    const expected = JSON.stringify(fresh.data);
    docs.forEach((doc, i) => {
      if (doc.version !== fresh.version) failures.push(`${id}: client ${i} has version ${doc.version}, the server ${fresh.version}`);
      else if (canonical(doc.data) !== canonical(fresh.data)) failures.push(`${id}: client ${i} has ${JSON.stringify(doc.data)}, the server ${expected}`);
    });
    result[id] = { version: fresh.version, data: fresh.data };
  }
  if (failures.length > 0) {
    console.error(failures.slice(0, 10).join('\n').slice(0, 6000));
    process.exit(1);
  }
  process.stdout.write(JSON.stringify({ operations: done, broken, documents: result }) + '\n', () => process.exit(0));
}

// The order of an object's fields is not part of its value.
function canonical(value) {
  return JSON.stringify(value, (_, part) =>
    part && typeof part === 'object' && !Array.isArray(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part);
}

main().catch((error) => {
  console.error(error.stack || String(error));
  process.exit(1);
});
