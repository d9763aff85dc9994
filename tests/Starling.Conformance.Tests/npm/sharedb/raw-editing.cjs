// Clients submit operations as no client of npm writes them, but as the types accept them: zero lengths, empty attributes, names that every object
// has, deletes before inserts, places beyond the end, stale copies, several parts at one place. Whatever the server accepts, all clients of npm
// and the server have to end with the same; what it refuses, its author has to take back. Writes how many operations were accepted and refused.
//   node raw-editing.cjs '{"url":"ws://...","seconds":5,"seed":1}'
'use strict';
const Connection = require('sharedb/lib/client/connection');
const types = require('sharedb/lib/types');
const Backend = require('sharedb/lib/backend');
const { WebSocket } = require('ws');
const Delta = require('quill-delta');

const settings = JSON.parse(process.argv[2]);
types.register(require('rich-text').type);
types.register(require('ot-text-unicode').type);

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
const promise = (start) => new Promise((resolve, reject) => start((error) => (error ? reject(error) : resolve())));

const words = ['a', 'bc', 'd\u00e9', '\ud83d\ude00', '\u0000', '"\\', 'xyz'];
const shared = new Set(['constructor', 'toString', '__proto__']);
const names = ['bold', 'constructor', 'toString', '__proto__', 'a', 'k1', '0', '12'];

// As JSON.parse makes it, so that a name such as __proto__ is a member like any other.
function object(name, value) {
  return JSON.parse(`{${JSON.stringify(name)}:${JSON.stringify(value)}}`);
}

function attributes() {
  return pick([() => ({}), () => null, () => ({ bold: true }), () => ({ bold: null }), () => object(pick(names), pick([1, null, true, { x: 1 }])), () => ({ a: 1, bold: true })])();
}

function richText(data) {
  let rest = data.ops.reduce((sum, op) => sum + (typeof op.insert === 'string' ? op.insert.length : 1), 0);
  const usual = random() < 0.7;
  const ops = [];
  for (let i = 1 + below(5); i > 0; i--) {
    const length = usual ? 1 + below(Math.min(rest, 6) || 1) : below(rest + 2);
    const op = pick([
      () => ({ insert: usual ? pick(words) : pick([...words, '', '']) }),
      () => ({ insert: pick([{ image: 'x' }, object(pick(names), 1)]) }),
      () => ({ delete: length }),
      () => ({ retain: length }),
      () => ({ retain: length }),
    ])();
    if (op.retain || op.delete) {
      if (usual && length > rest) continue;
      rest -= length;
    }
    if (!op.delete && random() < 0.4) op.attributes = usual ? pick([{ bold: true }, { bold: null }, { a: 1 }]) : attributes();
    if (!usual && random() < 0.05) op.more = 1;
    if (op.insert && op.attributes && usual && op.attributes.bold === null) delete op.attributes;
    ops.push(op);
  }
  return ops;
}

function value() {
  return pick([() => below(9), () => pick(words), () => null, () => [1, 'a'], () => object(pick(names), pick([1, {}])), () => ({ n: 1, l: [1], t: 'abc' })])();
}

// The type itself makes different documents of some operations when they meet others, at npm's clients with npm's server too: places beyond the
// end of a list, deletions of members that are not there, insertions over ones that are, the place "2" of a list (another than 2 to others, and
// the same to the list). Only one client submits such ones, the others watch. compareWithNpm tells such classes from faults of the server.
let aloneRound = false;

// The type fails at clients where a stale copy meets a deletion or an addition, and not where it meets an insertion into a text.
let staleRound = false;

function json0(data) {
  let copy = JSON.parse(JSON.stringify(data));
  const op = [];
  for (let i = 1 + below(3); i > 0; i--) {
    let node = copy;
    const path = [];
    for (let depth = below(3); depth > 0; depth--) {
      const keys = Object.keys(node).filter((key) => !shared.has(key) && node[key] !== null && typeof node[key] === 'object');
      if (keys.length === 0) break;
      const key = pick(keys);
      path.push(Array.isArray(node) && !(aloneRound && random() < 0.2) ? Number(key) : key);
      node = node[key];
    }
    // The server refuses paths with names that every object has, as npm's does.
    const keys = Object.keys(node).filter((key) => !shared.has(key));
    const key = Array.isArray(node) ? below(node.length + (aloneRound ? 2 : 1)) : keys.length && random() < 0.6 ? pick(keys) : pick(names.filter((name) => !shared.has(name)));
    const old = Object.prototype.hasOwnProperty.call(node, key) ? node[key] : undefined;
    const stale = () => (staleRound && typeof old === 'string' && random() < 0.5 ? pick(words) : old);
    const p = [...path, key];
    if (typeof old === 'number' && random() < 0.4 && !staleRound) op.push({ p, na: below(3) - 1 });
    else if (typeof old === 'string' && random() < 0.5) op.push(random() < 0.5 ? { p: [...p, below(old.length + (aloneRound ? 2 : 1))], si: pick([...words, '']) } : { p: [...p, 0], sd: staleRound ? '' : old.slice(0, below(3)) });
    else if (Array.isArray(node)) {
      if (node.length > 12) op.push({ p, ld: stale() });
      else if (key >= node.length && !aloneRound) op.push({ p, li: value() });
      else op.push(pick([() => ({ p, li: value() }), () => ({ p, ld: stale() }), () => ({ p, lm: below(node.length + (aloneRound ? 2 : 0)) }), () => ({ p, ld: stale(), li: value() })])());
    } else op.push(pick([() => (old !== undefined ? { p, od: old } : { p, oi: value() }), () => (old !== undefined || random() < 0.2 ? { p, od: stale() } : { p, oi: value() }), () => ({ p, od: stale(), oi: value() })])());
    if (random() < 0.7) break;
    if (aloneRound && random() < 0.5) continue;
    try {
      copy = types.map[kinds.json0.uri].apply(copy, op.slice(-1));
    } catch (error) {
      break;
    }
  }
  return op;
}

function textUnicode(data) {
  let rest = [...data].length;
  const op = [];
  for (let i = 1 + below(5); i > 0; i--) {
    const length = below(Math.min(rest, 5) + 1);
    const next = pick([() => pick([...words, '']), () => ({ d: length }), () => ({ d: 'ab' }), () => length, () => length])();
    if (typeof next !== 'string') rest -= typeof next === 'number' ? next : typeof next.d === 'number' ? next.d : 2;
    op.push(next);
  }
  return op;
}

const kinds = {
  'rich-text': { make: richText, first: [{ insert: 'hello\n' }], uri: 'http://sharejs.org/types/rich-text/v1' },
  json0: { make: json0, first: { list: [1, 'two', { three: 3 }], text: 'hello', n: 0 }, uri: 'http://sharejs.org/types/JSONv0' },
  'text-unicode': { make: textUnicode, first: 'hello', uri: 'http://sharejs.org/types/text-unicode' },
};

// Neighbours that are alike are one run, and the order of members does not matter.
function canonical(kind, data) {
  const plain = kind === 'rich-text' ? new Delta(data.ops || data).ops.reduce((delta, op) => delta.push(op), new Delta()).ops : data;
  return JSON.stringify(plain, (_, part) =>
    part && typeof part === 'object' && !Array.isArray(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part);
}

/** A WebSocket whose messages arrive late, so that operations meet. */
class SlowSocket {
  constructor(url) {
    this.readyState = 0;
    this.ws = new WebSocket(url);
    this.ws.on('open', () => {
      this.readyState = 1;
      this.onopen();
    });
    this.ws.on('message', (message) => this.later(() => this.onmessage({ data: String(message) })));
    this.ws.on('close', () => {
      if (this.readyState !== 3 && this.onclose) this.onclose('closed');
      this.readyState = 3;
    });
    this.ws.on('error', () => {});
    this.delay = below(6);
    this.sent = [];
  }

  later(action) {
    setTimeout(action, this.delay);
  }

  send(text) {
    this.sent.push(text);
    this.later(() => {
      if (this.ws.readyState === 1) this.ws.send(text);
    });
  }

  close() {
    this.ws.close();
  }
}

/** What npm's own server makes of the operations that the server took, in the same order and on the same versions. */
async function compareWithNpm(kind, first, uri, id, clients) {
  const reader = new Connection(new SlowSocket(settings.url));
  await new Promise((resolve) => reader.once('connected', resolve));
  const taken = [];
  await new Promise((resolve) => {
    reader.socket.onmessage = (event) => {
      const message = JSON.parse(event.data);
      if (message.a === 'op') taken.push(message);
      else resolve();
    };
    reader.socket.send(JSON.stringify({ a: 'f', c: 'raw', d: id, v: 1 }));
  });
  reader.close();
  const submitted = new Map();
  for (const client of clients) {
    for (const text of client.socket.sent) {
      const message = JSON.parse(text);
      if (message.a === 'op' && message.d === id && message.op) submitted.set(`${message.src || client.id} ${message.seq}`, message);
    }
  }
  const backend = new Backend({ suppressPublish: true });
  const type = types.map[uri];
  const { agent } = backend.connect();
  const submit = (op) => promise((callback) => backend.submit(agent, 'raw', id, op, {}, callback));
  await submit({ v: 0, src: 'first', seq: 1, create: { type: uri, data: first } });
  let ours = type.create(first);
  for (const op of taken) {
    const from = submitted.get(`${op.src} ${op.seq}`);
    if (!from) return `npm: version ${op.v} was not submitted: ${JSON.stringify(op)}`;
    try {
      await submit({ v: from.v, src: op.src, seq: op.seq, op: from.op });
    } catch (error) {
      return `npm's server refuses ${JSON.stringify(from)} at version ${op.v}: ${error.message}`;
    }
    ours = type.apply(ours, op.op);
    const theirs = backend.db.docs.raw[id];
    if (theirs.v !== op.v + 1 || canonical(kind, theirs.data) !== canonical(kind, ours)) {
      const log = backend.db.ops.raw[id];
      return `NPM DIFFERS at version ${op.v}, submitted ${JSON.stringify(from)}, ours ${JSON.stringify(op.op)}, npm's ${JSON.stringify(log[log.length - 1])}: ours has ${canonical(kind, ours)}, npm's (version ${theirs.v}) ${canonical(kind, theirs.data)}`;
    }
  }
  return `npm's server does the same`;
}

async function main() {
  const failures = [];
  const counts = { accepted: 0, refused: 0, local: 0, rounds: 0 };
  const codes = {};
  const clients = Array.from({ length: 4 }, () => new Connection(new SlowSocket(settings.url)));
  clients.forEach((client) => client.on('error', (error) => failures.push(String(error.stack || error))));
  const started = Date.now();
  const end = Date.now() + settings.seconds * 1000;
  for (let round = 0; Date.now() < end && failures.length === 0; round++) {
    counts.rounds++;
    staleRound = random() < 0.3;
    aloneRound = random() < 0.3;
    for (const [kind, { make, first, uri }] of Object.entries(kinds).filter(([name]) => !settings.kinds || settings.kinds.includes(name))) {
      const id = `${kind}-${settings.seed}-${started}-${round}`;
      const log = [];
      const docs = clients.map((client) => client.get('raw', id));
      docs.forEach((doc) => {
        doc.on('error', () => {});
        // The types join operations that are not in their form to others that do something else.
        doc.preventCompose = true;
      });
      await promise((callback) => docs[0].create(first, uri, callback));
      await Promise.all(docs.map((doc) => promise((callback) => doc.subscribe(callback))));
      for (let step = 0; step < 30; step++) {
        for (const doc of docs) {
          // One after the other: what is refused takes along what its author did since, and not always all of it.
          if (!doc.type || doc.hasPending() || random() < 0.4 || (aloneRound && doc !== docs[0])) continue;
          const op = make(doc.data);
          const text = JSON.stringify(op);
          log.push(text);
          try {
            doc.submitOp(op, (error) => {
              counts[error ? 'refused' : 'accepted']++;
              if (error) codes[error.code || error.message] = (codes[error.code || error.message] || 0) + 1;
            });
          } catch (error) {
            // The type itself refuses it, at its author's.
            counts.local++;
          }
        }
        await sleep(below(8));
      }
      const idle = Promise.all(docs.map((doc) => new Promise((resolve) => doc.whenNothingPending(resolve)))).then(() => true);
      if (!(await Promise.race([idle, sleep(20000)]))) {
        for (const doc of docs) {
          if (doc.hasPending()) {
            const inflight = doc.inflightOp && { src: doc.inflightOp.src, seq: doc.inflightOp.seq, op: doc.inflightOp.op };
            failures.push(`${id}: no answer to ${JSON.stringify(inflight)}, ${doc.pendingOps.length} waiting, fetches ${doc.inflightFetch.length}, type ${doc.type && doc.type.name}, version ${doc.version}\n${log.join('\n')}`);
          }
        }
        break;
      }
      const fresh = new Connection(new SlowSocket(settings.url)).get('raw', id);
      await promise((callback) => fresh.fetch(callback));
      for (let wait = 0; wait < 400 && docs.some((doc) => doc.version !== fresh.version || doc.inflightFetch.length > 0); wait++) await sleep(10);
      const expected = canonical(kind, fresh.data);
      docs.forEach((doc, i) => {
        if (doc.version !== fresh.version) failures.push(`${id}: client ${i} has version ${doc.version}, the server ${fresh.version}`);
        else if (canonical(kind, doc.data) !== expected) failures.push(`${id}: client ${i} has ${canonical(kind, doc.data)}, the server ${expected}\n${log.join('\n')}`);
      });
      if (failures.length > 0) failures.unshift(await compareWithNpm(kind, first, uri, id, clients));
      fresh.connection.close();
      docs.forEach((doc) => doc.destroy());
    }
  }
  if (failures.length > 0) {
    console.error(`seed ${settings.seed}\n` + failures.slice(0, 6).join('\n').slice(0, 8000));
    process.exit(1);
  }
  process.stdout.write(JSON.stringify({ ...counts, codes }) + '\n', () => process.exit(0));
}

main().catch((error) => {
  console.error(`seed ${settings.seed}\n${error.stack || error}`);
  process.exit(1);
});
