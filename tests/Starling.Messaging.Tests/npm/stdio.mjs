// vscode-jsonrpc over the standard streams, as a language server does.
import rpc from 'vscode-jsonrpc/node.js';

const connection = rpc.createMessageConnection(new rpc.StreamMessageReader(process.stdin), new rpc.StreamMessageWriter(process.stdout));
connection.onRequest('add', (a, b) => a + b);
connection.listen();
