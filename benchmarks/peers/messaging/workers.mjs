// worker_threads: a ping-pong between two threads of one process.
import { Worker, isMainThread, parentPort } from 'node:worker_threads';
import { fileURLToPath } from 'node:url';
import { all, correlate, methods } from './measure.mjs';

if (isMainThread) {
  const worker = new Worker(fileURLToPath(import.meta.url));
  const { call, receive } = correlate((message) => worker.postMessage(message));
  worker.on('message', receive);
  await all(call, Number(process.argv[2] ?? 3), true);
  await worker.terminate();
} else {
  parentPort.on('message', ({ id, method, params }) => parentPort.postMessage({ id, result: methods[method](...params) }));
}
