// vscode-jsonrpc as client: `node client.mjs PORT|PATH`, or `node client.mjs stdio DLL` of a child process that it starts.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import rpc from 'vscode-jsonrpc/node.js';

const [target, program] = process.argv.slice(2);
const child = target === 'stdio' ? spawn('dotnet', [program], { stdio: ['pipe', 'pipe', 'inherit'] }) : undefined;
const socket = child ? undefined : net.connect(/^\d+$/.test(target) ? { port: Number(target), host: '127.0.0.1' } : { path: target });
const connection = child
  ? rpc.createMessageConnection(new rpc.StreamMessageReader(child.stdout), new rpc.StreamMessageWriter(child.stdin))
  : rpc.createMessageConnection(new rpc.SocketMessageReader(socket), new rpc.SocketMessageWriter(socket));
connection.onError(([error]) => { throw error; });
connection.onRequest('double', (n) => n * 2);
connection.listen();

assert.equal(await connection.sendRequest('add', 2, 3), 5);
assert.equal(await connection.sendRequest('join', ['a', 'ü', '€', '😀'], '-'), 'a-ü-€-😀');
assert.equal(await connection.sendRequest('join', ['a', 'b']), 'a, b');
assert.equal(await connection.sendRequest('add', { b: 4, a: 5 }), 9);
assert.deepEqual(await connection.sendRequest('move', { x: 1, y: 2 }, 3, 4), { x: 4, y: 6 });

const sums = await Promise.all(Array.from({ length: 500 }, (_, i) => connection.sendRequest('add', i, i)));
assert.deepEqual(sums, Array.from({ length: 500 }, (_, i) => 2 * i));

await assert.rejects(connection.sendRequest('fail', 42), (error) => error.code === 42 && error.message === 'As you wished.');
await assert.rejects(connection.sendRequest('nonsense'), (error) => error.code === rpc.ErrorCodes.MethodNotFound);
await assert.rejects(connection.sendRequest('add', 'one', 2), (error) => error.code === rpc.ErrorCodes.InvalidParams);
await assert.rejects(connection.sendRequest('crash'), (error) => error.code === rpc.ErrorCodes.InternalError);

const cancel = new rpc.CancellationTokenSource();
const waiting = connection.sendRequest('wait', cancel.token);
setTimeout(() => cancel.cancel(), 50);
await assert.rejects(waiting, (error) => error.code === -32800);

const reports = [];
const progress = connection.onProgress(new rpc.ProgressType(), 7, (value) => reports.push(value));
assert.equal(await connection.sendRequest('count', 20, 7), 20);
assert.deepEqual(reports, Array.from({ length: 20 }, (_, i) => i + 1));
progress.dispose();

await connection.sendNotification('remember', 'first');
await connection.sendNotification('remember', 'second');
assert.deepEqual(await connection.sendRequest('recall'), ['first', 'second']);
assert.equal(await connection.sendRequest('ask', 21), 43);

const large = 'x'.repeat(1_000_000);
assert.equal((await connection.sendRequest('join', [large, large], '')).length, 2_000_000);

const { token } = await connection.sendRequest('range', 5, 300);
const values = [];
for (let finished = false; !finished;) {
  const next = await connection.sendRequest('$/enumerator/next', { token });
  values.push(...next.values);
  finished = next.finished;
}
assert.deepEqual(values, Array.from({ length: 300 }, (_, i) => i + 5));

connection.dispose();
socket?.end();
if (child) {
  child.stdin.end();
  assert.deepEqual(await once(child, 'exit'), [0, null]);
}
console.log('done');
