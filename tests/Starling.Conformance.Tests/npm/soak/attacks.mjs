// What strangers send, each in a process of its own, bounded in what is open at a time: node attacks.mjs NAME URL SEED
import { connect } from 'node:net';
import { pathToFileURL } from 'node:url';
import { WebSocket } from 'ws';

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Random numbers that a seed repeats. */
function randomOf(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t ^= t + Math.imul(t ^ (t >>> 7), 61 | t);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const below = (n) => Math.floor(next() * n);
  return { below, pick: (list) => list[below(list.length)], chance: (share) => next() < share };
}

/** Changes a few bytes: flips, cuts, repeats, or puts something strange in. */
function mutate(random, bytes) {
  let changed = Buffer.from(bytes);
  const strange = ['\0', '\ud83d', '"', '}', '[[[[', '9'.repeat(40), '\r\n\r\n', '%00', '{"_placeholder":true,"num":0}', '__proto__', '\u2028', '-1', 'null'];
  for (let n = random.below(4); n >= 0; n--) {
    const at = random.below(changed.length + 1);
    switch (random.below(4)) {
      case 0: if (at < changed.length) changed[at] ^= 1 << random.below(8); break;
      case 1: changed = Buffer.concat([changed.subarray(0, at), changed.subarray(Math.min(changed.length, at + random.below(20)))]); break;
      case 2: changed = Buffer.concat([changed.subarray(0, at), changed.subarray(random.below(at + 1), at), changed.subarray(at)]); break;
      default: changed = Buffer.concat([changed.subarray(0, at), Buffer.from(random.pick(strange)), changed.subarray(at)]);
    }
  }
  return changed;
}

/** Sends bytes over a connection of their own and reads until the end or a little longer. */
function raw(url, bytes, { readFor = 200 } = {}) {
  return new Promise((resolve) => {
    const { hostname, port } = new URL(url);
    let received = 0;
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    const timer = setTimeout(() => socket.destroy(), readFor);
    socket.on('data', (chunk) => (received += chunk.length));
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(received);
    });
  });
}

const request = (line, headers = {}, body = '') =>
  `${line} HTTP/1.1\r\nHost: 127.0.0.1\r\n${Object.entries(headers).map(([k, v]) => `${k}: ${v}\r\n`).join('')}${body ? `Content-Length: ${Buffer.byteLength(body)}\r\n` : ''}\r\n${body}`;

const seeds = [
  request('GET /socket.io/?EIO=4&transport=polling'),
  request('POST /socket.io/?EIO=4&transport=polling&sid=abc', { 'Content-Type': 'text/plain' }, '40/draw,\x1e42/draw,["join",{}]'),
  request('GET /socket.io/?EIO=4&transport=websocket', { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==' }),
  request('GET /.well-known/mercure?match=a&match_urlpattern=%2Fbooks%2F%3Aid&poll&wait=0'),
  request('GET /.well-known/mercure?topic=%7Ba%7D&last_event_id=earliest&poll&wait=0'),
  request('POST /.well-known/mercure', { 'Content-Type': 'application/x-www-form-urlencoded', Authorization: 'Bearer a.b.c' }, 'topic=a&data=b'),
  request('GET /editor/api/documents/one', { Cookie: 'starling-visitor=abc' }),
  request('PUT /editor/api/me', { 'Content-Type': 'application/json' }, '{"name":"x","color":"#112233"}'),
  request('POST /questions/api/questions', { 'Content-Type': 'application/json' }, '{"title":"a","text":"b"}'),
  request('GET /ticker/api/quote?symbol=MSFT'),
  request('GET /draw/'),
];

/** Opens a WebSocket, lets an action use it, and closes it; never waits longer than a second. */
function visit(url, path, action, headers = {}) {
  return new Promise((resolve) => {
    const ws = new WebSocket(url.replace('http', 'ws') + path, { headers });
    const timer = setTimeout(() => ws.terminate(), 1_000);
    ws.on('error', () => {});
    ws.on('open', () => action(ws));
    ws.on('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

const eventMessages = [
  '40/draw,', '42/draw,1["join",{"board":"b","key":"0123456789abcdef","name":"n","color":"#112233"}]', '42/draw,2["points",{"stroke":"s","color":"#112233","width":1,"from":0,"points":[1,2]}]',
  '41/draw,', '451-/draw,["pointer",{"_placeholder":true,"num":0}]', '40', '3', '2', '42["x"]', '43/draw,1[]', '42/draw,3["undo"]', '5', '1',
];

const documentMessages = [
  '{"a":"hs","id":null,"protocol":1,"protocolMinor":2}', '{"a":"s","c":"editor","d":"fuzz","v":null}', '{"a":"f","c":"editor","d":"fuzz","v":null}',
  '{"a":"op","c":"editor","d":"fuzz","v":0,"seq":1,"x":{},"op":{"ops":[{"insert":"a"}]}}', '{"a":"qs","id":1,"c":"editor-entries","q":{"name":"x","$sort":{"name":1},"$limit":5}}',
  '{"a":"p","ch":"x","id":"y","p":{"index":1},"pv":1}', '{"a":"ps","ch":"x","seq":1}', '{"a":"nf","c":"editor","d":"fuzz","v":1}', '{"a":"bs","c":"editor","b":["a","b"]}', '{"a":"pp"}',
];

/** Messages over an open WebSocket, a part of them mutated, in text and binary. */
function chatter(random, ws, messages) {
  for (let n = random.below(20); n >= 0; n--) {
    const message = Buffer.from(random.pick(messages));
    ws.send(random.chance(0.7) ? mutate(random, message) : message, { binary: random.chance(0.1) });
  }
  setTimeout(() => (random.chance(0.5) ? ws.close() : ws.terminate()), 20);
}

/** Each runs until its process is ended; counts tell how much it did. */
export const attacks = {
  /** Mutated HTTP requests, Socket.IO packets and ShareDB messages. */
  async fuzz(url, random, counts) {
    switch (random.below(3)) {
      case 0: counts.bytes = (counts.bytes ?? 0) + (await raw(url, mutate(random, random.pick(seeds)))); break;
      case 1: await visit(url, '/socket.io/?EIO=4&transport=websocket', (ws) => chatter(random, ws, eventMessages)); break;
      default: await visit(url, '/editor/api/sharedb', (ws) => chatter(random, ws, documentMessages));
    }
  },

  /** Binary events whose placeholders are forged. */
  async placeholders(url, random) {
    await visit(url, '/socket.io/?EIO=4&transport=websocket', (ws) => {
      ws.send('40/draw,');
      ws.send('451-/draw,["pointer",{"_placeholder":true},{"_placeholder":true,"num":' + random.pick(['0', '1', '-1', '1e0', '"0"']) + '}]');
      ws.send(Buffer.from([1, 2, 3]));
      setTimeout(() => ws.close(), 20);
    });
  },

  /** One write with hundreds of requests whose answers are large, and no reading. */
  async joins(url, random, counts) {
    const { hostname, port } = new URL(url);
    const board = 'large';
    counts.filled ??= await fill(url, board);
    await new Promise((resolve) => {
      const socket = connect(Number(port), hostname, () => {
        socket.write(request('GET /socket.io/?EIO=4&transport=websocket', {
          Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
        }));
        const frames = [frame('40/draw,')];
        for (let n = 0; n < 400; n++) {
          frames.push(frame(`42/draw,${n}["join",{"board":"${board}","key":"0123456789abcdef","name":"n","color":"#112233"}]`));
        }
        setTimeout(() => socket.write(Buffer.concat(frames)), 50);
      });
      socket.pause();
      const timer = setTimeout(() => socket.destroy(), 1_000 + random.below(500));
      socket.on('error', () => {});
      socket.on('close', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  },

  /** Handshakes of a foreign page. */
  async origins(url, random) {
    const headers = { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==', Origin: 'https://evil.example' };
    const path = random.pick(['/.well-known/mercure?match=a', '/socket.io/?EIO=4&transport=websocket', '/editor/api/sharedb']);
    await Promise.all(Array.from({ length: 20 }, () => raw(url, request('GET ' + path, headers), { readFor: 50 })));
  },

  /** Regular expressions that are dear, and topics that are long. */
  async expressions(url, random) {
    const patterns = Array.from({ length: 60 }, (_, n) => 'match_urlpattern=' + encodeURIComponent(`/(.*[ab].{${300 + n}}c)`));
    await raw(url, request(`GET /.well-known/mercure?${patterns.slice(0, 20).join('&')}`, { Accept: 'text/event-stream' }), { readFor: 500 });
    await raw(url, request(`GET /.well-known/mercure?match=${'a'.repeat(3_000 + random.below(100))}&poll&wait=0`));
  },

  /** Many short subscriptions, and polls that look through everything. */
  async history(url, random) {
    const patterns = Array.from({ length: 100 }, (_, n) => `match_urlpattern=${encodeURIComponent(`/nothing-${n}/:id`)}`).join('&');
    await Promise.all(Array.from({ length: 10 }, () => raw(url, request(`GET /.well-known/mercure?match=a${random.below(1e9)}`, { Accept: 'text/event-stream' }), { readFor: 20 })));
    await raw(url, request(`GET /.well-known/mercure?${patterns}&poll&wait=0&cursor=earliest`), { readFor: 1_000 });
  },
};

/** A masked text frame. */
function frame(text) {
  const payload = Buffer.from(text);
  const head = payload.length < 126 ? Buffer.from([0x81, 0x80 | payload.length]) : Buffer.from([0x81, 0xfe, payload.length >> 8, payload.length & 255]);
  return Buffer.concat([head, Buffer.alloc(4), payload]);
}

/** Draws some 600 kB on a board, which each further join gets as its answer. */
async function fill(url, board) {
  const { io } = await import('socket.io-client');
  const socket = io(url + '/draw', { transports: ['websocket'] });
  await socket.timeout(10_000).emitWithAck('join', { board, key: 'fedcba9876543210', name: 'n', color: '#112233' });
  const points = Array.from({ length: 2_000 }, (_, n) => 1_000 + n);
  for (let n = 0; n < 60; n++) {
    await socket.timeout(10_000).emitWithAck('points', { stroke: `s${n}`, color: '#112233', width: 1, from: 0, points });
    await sleep(100);
  }
  return true; // The client stays, so that the board does.
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [name, url, seed] = process.argv.slice(2);
  const random = randomOf(Number(seed));
  const counts = { rounds: 0 };
  process.on('disconnect', () => process.exit());
  setInterval(() => process.send?.(counts), 1_000).unref();
  while (true) {
    await attacks[name](url, random, counts);
    counts.rounds++;
    await sleep(5);
  }
}
