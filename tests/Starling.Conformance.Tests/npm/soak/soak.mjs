// Official clients use a server for a long time while fuzzers and hostile clients attack it from other processes. Fails when a client is
// disconnected, a message is late or lost, or the server's memory grows.
//   node soak.mjs --server "dotnet .../Starling.Host.dll" --minutes 60 [--heap 400] [--attacks fuzz,joins,...] [--seed 1]
import { fork, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { attacks } from './attacks.mjs';
import { startClients } from './clients.mjs';

const MiB = 1024 * 1024;
const { values: options } = parseArgs({
  options: {
    server: { type: 'string' },
    minutes: { type: 'string', default: '60' },
    heap: { type: 'string', default: '400' },
    attacks: { type: 'string', default: Object.keys(attacks).join(',') },
    seed: { type: 'string', default: '1' },
    p99: { type: 'string', default: '50' },
  },
});

const data = mkdtempSync(join(tmpdir(), 'starling-soak-'));
const [program, ...args] = options.server.split(' ');
const server = spawn(program, [...args, 'serve', '--urls', 'http://127.0.0.1:0', '--data', data], {
  env: { ...process.env, DOTNET_GCHeapHardLimit: '0x' + (Number(options.heap) * MiB).toString(16) },
  stdio: ['ignore', 'pipe', 'pipe'],
});
let output = '';
let ended = null;
server.on('exit', (code, signal) => (ended = signal ?? code));
const url = await new Promise((resolve, reject) => {
  const timer = setTimeout(() => reject(new Error('The server did not start:\n' + output)), 60_000);
  const read = (chunk) => {
    output = (output + chunk).slice(-20_000);
    const found = /Listening on (\S+?),?\s/.exec(output);
    if (found) {
      clearTimeout(timer);
      resolve(found[1]);
    }
  };
  server.stdout.on('data', read);
  server.stderr.on('data', read);
  server.on('exit', () => reject(new Error('The server ended:\n' + output)));
});

const rss = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))[1]) / 1024;
const failures = [];
const fail = (text) => {
  if (failures.length < 50) failures.push(`${new Date().toISOString()} ${text}`);
  console.error('FAIL', text);
};
const key = readFileSync(join(data, 'publishing.key'), 'utf8').trim();
process.on('exit', () => server.kill('SIGKILL'));
const clients = await startClients(url, key, fail);
console.log(`server ${server.pid} at ${url}, ${Math.round(rss())} MiB; four clients are connected`);

const seed = Number(options.seed);
const children = options.attacks.split(',').filter(Boolean).map((name, index) => {
  const child = fork(new URL('./attacks.mjs', import.meta.url), [name, url, String(seed + index)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  // The attackers share the machine: the clients and the server come first, so that times tell of the server.
  setPriority(child.pid, 10);
  child.counts = {};
  child.on('message', (counts) => (child.counts = counts));
  child.on('exit', (code) => !stopping && fail(`the attack ${name} ended by itself with ${code}`));
  child.attack = name;
  return child;
});

let stopping = false;
const samples = [];
const until = Date.now() + Number(options.minutes) * 60_000;
while (Date.now() < until && ended === null && failures.length < 50) {
  await new Promise((resolve) => setTimeout(resolve, Math.min(10_000, Math.max(0, until - Date.now()))));
  if (ended !== null) break;
  const now = rss();
  samples.push(now);
  const figures = clients.figures();
  console.log(`${Math.round(now)} MiB; p50/p99 ms ${figures.map((f) => `${f.name} ${f.p50}/${f.p99} (${f.count})`).join(', ')}`);
  for (const figure of figures) {
    if (figure.count === 0) fail(`${figure.name}: no answer within ten seconds`);
    else if (figure.p99 > Number(options.p99)) fail(`${figure.name}: p99 is ${figure.p99} ms`);
  }
}

stopping = true;
if (ended !== null) fail(`the server ended with ${ended}:\n${output}`);
for (const child of children) child.kill('SIGKILL');
await clients.check();
clients.close();
// Flat: the median of the last quarter is no more than a quarter (and 32 MiB) above that of the second.
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const quarter = Math.floor(samples.length / 4);
if (quarter >= 3) {
  const before = median(samples.slice(quarter, 2 * quarter));
  const after = median(samples.slice(-quarter));
  console.log(`memory: ${Math.round(before)} MiB in the second quarter, ${Math.round(after)} MiB in the last`);
  if (after > before * 1.25 + 32) fail('the memory grows');
}
for (const child of children) console.log(child.attack, JSON.stringify(child.counts));
if (ended === null) {
  server.kill('SIGTERM');
  await new Promise((resolve) => {
    const timer = setTimeout(() => server.kill('SIGKILL'), 60_000);
    server.on('exit', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
rmSync(data, { recursive: true, force: true });
console.log(failures.length === 0 ? 'passed' : `failed:\n${failures.join('\n')}`);
process.exit(failures.length === 0 ? 0 : 1);
