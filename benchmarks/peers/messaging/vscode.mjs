// vscode-jsonrpc on both sides of a Unix socket, in two processes.
import { fork } from 'node:child_process';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import rpc from 'vscode-jsonrpc/node.js';
import { all, methods } from './measure.mjs';

const over = (socket) => rpc.createMessageConnection(new rpc.SocketMessageReader(socket), new rpc.SocketMessageWriter(socket));

if (process.send) {
  const server = net.createServer((socket) => {
    const connection = over(socket);
    connection.onRequest('add', methods.add);
    connection.onRequest('echo', methods.echo);
    connection.onRequest('cpu', methods.cpu);
    connection.listen();
  });
  server.listen(process.argv[2], () => process.send('ready'));
  process.on('disconnect', () => process.exit());
} else {
  const where = path.join(os.tmpdir(), `starling-vscode-${process.pid}`);
  const child = fork(fileURLToPath(import.meta.url), [where]);
  await new Promise((resolve) => child.once('message', resolve));
  const socket = net.connect(where);
  const connection = over(socket);
  connection.listen();
  await all((method, ...params) => connection.sendRequest(method, ...params), Number(process.argv[2] ?? 3));
  connection.dispose();
  socket.destroy();
  child.disconnect();
}
