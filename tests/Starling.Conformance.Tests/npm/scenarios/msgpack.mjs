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

// What looks like a placeholder is an object like any other, also beside bytes, and also when a handler has read it.
const other = io(url, { ...options, parser });
await next(other, "connect");
const lookalike = { _placeholder: true, num: 0, deep: [{ _placeholder: true, num: 1 }] };
for (const event of ["bcast", "bcast-read"]) {
  const heard = next(other, "bcast");
  socket.emit(event, lookalike, bytes);
  assert.deepEqual(await heard, [lookalike, bytes]);
}
const refused = io(url + "/unknown", { ...options, parser });
assert.equal((await next(refused, "connect_error"))[0].message, "Invalid namespace");
done();
