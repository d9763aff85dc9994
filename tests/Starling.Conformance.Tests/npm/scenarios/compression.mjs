import { io } from "socket.io-client";
import { assert, done, next, options, url } from "./expect.mjs";

const socket = io(url, { ...options, transports: ["websocket"], perMessageDeflate: { threshold: 0 } });
await next(socket, "connect");
assert.match(socket.io.engine.transport.ws.extensions, /permessage-deflate/);
for (const text of ["short", "long ".repeat(10_000), "\u0000".repeat(5_000)]) {
  socket.emit("echo", text, Buffer.from(text));
  assert.deepEqual(await next(socket, "echo-back"), [text, Buffer.from(text)]);
}
done();
