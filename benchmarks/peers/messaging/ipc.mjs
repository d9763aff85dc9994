// child_process with Node's own channel between parent and child.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { all, correlate, methods } from './measure.mjs';

if (process.send) {
  process.on('message', ({ id, method, params }) => process.send({ id, result: methods[method](...params) }));
} else {
  const child = fork(fileURLToPath(import.meta.url));
  const { call, receive } = correlate((message) => child.send(message));
  child.on('message', receive);
  await all(call, Number(process.argv[2] ?? 3));
  child.disconnect();
}
