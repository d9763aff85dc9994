// A peer that reads and answers batches, written by hand: answers come in any order, some never. Its first line tells the port.
import net from 'node:net';

const frames = [];
const notified = [];

function answer({ id, method, params }) {
  switch (method) {
    case 'add':
      return { jsonrpc: '2.0', id, result: params[0] + params[1] };
    case 'length':
      return { jsonrpc: '2.0', id, result: params[0].length };
    case 'frames':
      return { jsonrpc: '2.0', id, result: frames };
    case 'notified':
      return { jsonrpc: '2.0', id, result: notified };
    case 'fail':
      return { jsonrpc: '2.0', id, error: { code: params[0], message: 'As you wished.' } };
    case 'never':
      return undefined;
    default:
      return { jsonrpc: '2.0', id, error: { code: -32601, message: `no ${method}` } };
  }
}

function write(socket, value) {
  const text = JSON.stringify(value);
  socket.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
}

function take(socket, text) {
  const message = JSON.parse(text);
  const messages = Array.isArray(message) ? message : [message];
  if (Array.isArray(message)) frames.push(message.length);
  notified.push(...messages.filter((one) => one.id === undefined && !one.method.startsWith('$/')).map((one) => one.params[0]));
  const answers = messages.filter((one) => one.id !== undefined).map(answer).filter(Boolean).reverse();
  if (!Array.isArray(message)) answers.forEach((one) => write(socket, one));
  else if (answers.length > 0) write(socket, answers);
}

const server = net.createServer((socket) => {
  let pending = Buffer.alloc(0);
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    for (;;) {
      const end = pending.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = Number(/Content-Length: (\d+)/i.exec(pending.toString('latin1', 0, end))[1]);
      if (pending.length < end + 4 + length) return;
      take(socket, pending.toString('utf8', end + 4, end + 4 + length));
      pending = pending.subarray(end + 4 + length);
    }
  });
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
