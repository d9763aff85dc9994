// The document server of ../../README.md on npm's sharedb with its memory store, as its documentation sets it up.
import { createServer } from "node:http";
import WebSocketJsonStream from "@teamwork/websocket-json-stream";
import richText from "rich-text";
import ShareDB from "sharedb";
import { WebSocketServer } from "ws";

ShareDB.types.register(richText.type);
const backend = new ShareDB();
const server = createServer();
const sockets = new WebSocketServer({ server });
sockets.on("connection", (socket) => backend.listen(new WebSocketJsonStream(socket)));

// Whoever started this server may be killed without a chance to end it; the closed pipe then ends it.
if (process.env.EXIT_WITH_STDIN === "1") {
  process.stdin.on("end", () => process.exit(0)).resume();
}

server.listen(Number(process.env.PORT ?? 0), "127.0.0.1", 4096, () => {
  console.log(`listening ${server.address().port} ${process.pid}`);
});
