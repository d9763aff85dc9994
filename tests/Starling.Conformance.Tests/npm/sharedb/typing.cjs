// Ten clients of npm type into two documents, each its own letter, until standard input ends, and measure how long an acknowledgement takes.
// Writes "typing" when all have begun; at the end how many letters were acknowledged and how many of them the documents do not have, how many
// operations were refused, and the times in milliseconds.
//   node typing.cjs '{"url":"ws://..."}'
'use strict';
const Connection = require('sharedb/lib/client/connection');
const types = require('sharedb/lib/types');
const { WebSocket } = require('ws');

types.register(require('rich-text').type);
const settings = JSON.parse(process.argv[2]);
const letters = [...'abcdefghij'];
const promise = (start) => new Promise((resolve, reject) => start((error) => (error ? reject(error) : resolve())));
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

let isOver = false;
let refused = 0;
process.stdin.on('end', () => (isOver = true)).resume();

async function type(letter, doc, times) {
  await promise((callback) => doc.subscribe(callback));
  let count = 0;
  while (!isOver) {
    const length = doc.data.ops.reduce((sum, op) => sum + op.insert.length, 0);
    const at = Math.floor(Math.random() * length);
    const before = performance.now();
    try {
      await promise((callback) => doc.submitOp(at > 0 ? [{ retain: at }, { insert: letter }] : [{ insert: letter }], callback));
      times.push(performance.now() - before);
      count++;
    } catch (error) {
      refused++;
      console.error(error.message);
    }
    await sleep(60 + Math.random() * 80);
  }
  return count;
}

async function main() {
  let closed = 0;
  const connections = letters.map(() => new Connection(new WebSocket(settings.url)));
  for (const connection of connections) connection.on('closed', () => closed++);
  for (let n = 0; n < 2; n++) {
    const doc = connections[n].get('typed', 'd' + n);
    await promise((callback) => doc.fetch(callback));
    if (!doc.type) await promise((callback) => doc.create([{ insert: '\n' }], 'http://sharejs.org/types/rich-text/v1', callback));
  }
  const times = [];
  const started = Date.now();
  process.stdout.write('typing\n');
  const counts = await Promise.all(letters.map((letter, n) => type(letter, connections[n].get('typed', 'd' + (n % 2)), times)));
  const seconds = (Date.now() - started) / 1000;
  const reader = new Connection(new WebSocket(settings.url));
  let lost = 0;
  for (let n = 0; n < 2; n++) {
    const doc = reader.get('typed', 'd' + n);
    await promise((callback) => doc.fetch(callback));
    const text = doc.data.ops.map((op) => op.insert).join('');
    letters.forEach((letter, i) => {
      if (i % 2 === n) lost += Math.abs(counts[i] - (text.split(letter).length - 1));
    });
  }
  times.sort((a, b) => a - b);
  const share = (part) => Math.round(times[Math.min(times.length - 1, Math.floor(times.length * part))] * 10) / 10;
  const typed = counts.reduce((sum, count) => sum + count, 0);
  process.stdout.write(JSON.stringify({ typed, lost, closed, refused, seconds, p50: share(0.5), p99: share(0.99), max: share(1) }) + '\n', () => process.exit(0));
}

main().catch((error) => {
  console.error(error.stack || error);
  process.exit(1);
});
