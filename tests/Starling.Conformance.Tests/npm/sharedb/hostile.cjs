// A client without manners: small operations that make large documents, operations over the limit, one number for two operations, and whatever
// fills the memory of a server; with "fillsStore" also what fills the store. One connection each, one after the other, all of them again until the
// time is over. Begins when a line comes on standard input. Writes how often each was done, the errors, and how the marks of "sameNumber" are stored.
//   node hostile.cjs '{"url":"ws://...","seconds":5,"fillsStore":true}'
'use strict';
const { WebSocket } = require('ws');

const settings = JSON.parse(process.argv[2]);
const richText = 'http://sharejs.org/types/rich-text/v1';
const json0 = 'http://sharejs.org/types/JSONv0';
const counts = {};
const marks = { submitted: 0, stored: 0, wrong: 0 };
const errors = {};
const started = Date.now();
let number = 0;

class Client {
  constructor() {
    this.answers = 0;
    this.seq = 0;
    this.isOpen = false;
    this.wake = () => {};
  }

  async open() {
    this.ws = new WebSocket(settings.url, { maxPayload: 0 });
    this.ws.on('error', () => {});
    this.ws.on('close', () => {
      this.isOpen = false;
      this.wake();
    });
    this.ws.on('message', (data) => {
      this.answers++;
      const message = JSON.parse(data);
      if (message.a === 'f' && message.data) this.fetched = message.data;
      const code = message.error && (message.error.code || message.error.message);
      if (code) errors[code] = (errors[code] || 0) + 1;
      this.wake();
    });
    await new Promise((resolve, reject) => {
      this.ws.once('open', resolve);
      this.ws.once('close', () => reject(new Error('cannot connect')));
    });
    this.isOpen = true;
    await this.ask([{ a: 'hs', id: null, protocol: 1, protocolMinor: 2 }], 1);
  }

  /** Sends messages and waits for so many answers, for two seconds at most. */
  async ask(messages, answers = messages.length) {
    const goal = this.answers + answers;
    for (const message of messages) {
      if (this.isOpen) this.ws.send(typeof message === 'string' ? message : JSON.stringify(message));
    }
    const last = Date.now() + 2000;
    while (this.isOpen && this.answers < goal && Date.now() < last) {
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, last - Date.now());
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** The text of a document. */
  async text(d, c) {
    this.fetched = null;
    const last = Date.now() + 30_000;
    this.ws.send(JSON.stringify({ a: 'f', c, d, v: null }));
    while (this.isOpen && !this.fetched && Date.now() < last) await new Promise((resolve) => setTimeout(resolve, 20));
    if (!this.fetched) throw new Error(`${d} was not answered`);
    const content = this.fetched.data.ops || this.fetched.data;
    return content.map((op) => op.insert).join('');
  }

  create(d, type, data, c = 'hostile') {
    return this.ask([{ a: 'op', c, d, v: 0, seq: ++this.seq, create: { type, data } }]);
  }

  op(d, v, op, c = 'hostile') {
    return { a: 'op', c, d, v, seq: ++this.seq, op };
  }
}

// Those that a store in memory has to keep whole.
const filling = ['largeDocuments', 'largeLog'];
const name = () => `${started}-${++number}`;

const attacks = {
  async largeResults(client) {
    const d = name();
    await client.create(d, richText, Array.from({ length: 2000 }, (_, i) => ({ insert: 'x', attributes: i % 2 ? { bold: true } : { italic: true } })));
    for (const size of [20_000, 200_000, 1_000_000]) await client.ask([client.op(d, 1, [{ retain: 2000, attributes: { link: 'l'.repeat(size) } }])]);
    await client.ask([{ a: 'f', c: 'hostile', d, v: null }]);
  },

  async largeOperations(client) {
    const d = name();
    await client.create(d, richText, [{ insert: '\n' }]);
    for (let n = 0; n < 3; n++) await client.ask([client.op(d, 1, [{ insert: 'y'.repeat(10_000_000) }])]);
  },

  // Three operations with one number in one packet: the first is stored, the others are taken for the same. Each first one inserts a mark of its own.
  async sameNumber(client) {
    const wanted = [];
    for (let n = 0; n < 40; n++) {
      const mark = `#${name()}#`;
      const d = 'd' + (n % 2);
      const op = client.op(d, null, [{ insert: mark }], 'typed');
      wanted.push([d, mark]);
      await client.ask([op, op, { ...op, op: [{ insert: `!${mark}` }] }]);
    }
    for (const d of ['d0', 'd1']) {
      const text = await client.text(d, 'typed');
      for (const [, mark] of wanted.filter((item) => item[0] === d)) {
        // Others type in between, so letters are left out.
        const times = text.replace(/[a-j]/g, '').split(mark).length - 1;
        marks.submitted++;
        if (times === 1) marks.stored++;
        else marks.wrong++;
      }
    }
  },

  async queries(client) {
    for (let n = 0; n < 30; n++) {
      await client.ask([{ a: 'qf', id: n, c: 'hostile', q: { ['f' + name()]: 'z'.repeat(20_000), $or: Array.from({ length: 50 }, (_, i) => ({ ['g' + i]: i })) } }]);
    }
    for (let n = 0; n < 8; n++) await client.ask([{ a: n % 2 ? 'qs' : 'qf', id: 100 + n, c: 'large', q: {} }]);
  },

  async names(client) {
    const long = 'n'.repeat(500_000);
    for (let n = 0; n < 10; n++) {
      await client.ask([{ a: 's', c: 'hostile', d: long + name(), v: null }, { a: 'ps', ch: long + name(), seq: 1 }, { a: 'p', ch: 'x', id: long + n, p: { at: long }, pv: 1 }]);
    }
    for (let n = 0; n < 300; n++) await client.ask([{ a: 'p', ch: 'c' + n, id: name(), p: { at: 'v'.repeat(20_000) }, pv: 1, c: null, d: null }], 0);
    await client.ask([{ a: 'pp' }]);
  },

  // Documents of nearly 16 MB, in use one after the other and subscribed to.
  async largeDocuments(client) {
    const value = 'L'.repeat(7_500_000);
    for (let n = 0; n < 12; n++) {
      const d = name();
      await client.create(d, json0, { a: value });
      await client.ask([client.op(d, 1, [{ p: ['b'], oi: value }])]);
      await client.ask([{ a: 's', c: 'hostile', d, v: 2 }]);
    }
  },

  // A log of large operations, asked for from its beginning many times at once.
  async largeLog(client) {
    const d = name();
    const value = 'o'.repeat(4_000_000);
    await client.create(d, json0, {});
    for (let n = 0; n < 10; n++) await client.ask([client.op(d, n + 1, [{ p: ['x'], oi: value + n }])]);
    await client.ask(Array.from({ length: 20 }, () => ({ a: 'f', c: 'hostile', d, v: 0 })), 20 * 12);
    await client.ask([client.op(d, 1, [{ p: ['y'], oi: 1 }])]);
  },

  async manyInserts(client) {
    const d = name();
    await client.create(d, json0, { list: [] });
    const op = () => Array.from({ length: 12_000 }, () => ({ p: ['list', 0], li: 1 }));
    await client.ask([client.op(d, 1, op()), client.op(d, 1, op())]);
  },
};

async function main() {
  await new Promise((resolve) => process.stdin.once('data', resolve));
  const first = new Client();
  await first.open();
  for (let n = 0; n < 20; n++) await first.create('large' + n, json0, { text: 'w'.repeat(1_500_000) }, 'large');
  first.ws.close();
  // Each of them at least once, also where the machine is slow.
  const end = Date.now() + settings.seconds * 1000;
  do {
    for (const [kind, attack] of Object.entries(attacks).filter(([kind]) => settings.fillsStore || !filling.includes(kind))) {
      const client = new Client();
      await client.open();
      await attack(client);
      client.ws.terminate();
      counts[kind] = (counts[kind] || 0) + 1;
    }
  } while (Date.now() < end);
  process.stdout.write(JSON.stringify({ counts, errors, marks }) + '\n', () => process.exit(0));
}

main().catch((error) => {
  console.error(error.stack || error);
  process.exit(1);
});
