import { io } from "socket.io-client";
import parser from "socket.io-msgpack-parser";
import { assert, done, next, options, url } from "./expect.mjs";

const socket = io(url, { ...options, parser });
await next(socket, "connect");
const bytes = Buffer.from([0, 1, 2, 255]);
for (const sample of [[], ["text", 1, -1.5, true, null, 2 ** 40], [{ a: bytes, b: [bytes] }], ["x".repeat(70_000)]]) {
  socket.emit("echo", ...sample);
  const back = await next(socket, "echo-back");
  assert.equal(JSON.stringify(back), JSON.stringify(sample));
}
assert.equal(await socket.timeout(5000).emitWithAck("add", 2, 3), 5);
const refused = io(url + "/unknown", { ...options, parser });
assert.equal((await next(refused, "connect_error"))[0].message, "Invalid namespace");
done();
