// vscode-jsonrpc as server: `node server.mjs [PATH]`; prints where it listens, ends with its standard input.
import net from 'node:net';
import rpc from 'vscode-jsonrpc/node.js';

const remembered = [];
const server = net.createServer((socket) => {
  const connection = rpc.createMessageConnection(new rpc.SocketMessageReader(socket), new rpc.SocketMessageWriter(socket));
  socket.on('error', () => {});
  connection.onRequest('add', (a, b) => a + b);
  connection.onRequest('join', (parts, separator) => parts.join(separator));
  connection.onRequest('move', (point, dx, dy) => ({ x: point.x + dx, y: point.y + dy }));
  connection.onRequest('fail', (code) => new rpc.ResponseError(code, 'As you wished.', { detail: 'yes' }));
  connection.onRequest('crash', () => { throw new Error('a secret'); });
  connection.onRequest('wait', (token) => new Promise((resolve) => token.onCancellationRequested(() => resolve(false))));
  connection.onRequest('count', async (to, token) => {
    for (let i = 1; i <= to; i++) {
      await connection.sendProgress(new rpc.ProgressType(), token, i);
    }
    return to;
  });
  connection.onRequest('recall', () => remembered);
  connection.onRequest('callBack', async (n) => (await connection.sendRequest('double', n)) + 1);
  connection.onNotification('remember', (text) => remembered.push(text));
  connection.listen();
});
const path = process.argv[2];
server.listen(path ? { path } : { port: 0, host: '127.0.0.1' }, () => console.log(path ?? server.address().port));
process.stdin.resume().on('end', () => process.exit(0));
