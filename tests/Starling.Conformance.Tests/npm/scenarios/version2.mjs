import { createRequire } from "node:module";
import { assert, done, next, options, url } from "./expect.mjs";

const io = createRequire(import.meta.url)("socket.io-client-v2");
const socket = io(url, options);
await next(socket, "connect");
for (const sample of [["text", 1, null], [{ nested: [1] }], [Buffer.from([1, 2, 255])], ["😀 ä"]]) {
  socket.emit("echo", ...sample);
  assert.deepEqual(await next(socket, "echo-back"), sample);
}
assert.equal(await new Promise((resolve) => socket.emit("add", 2, 3, resolve)), 5);
const guarded = io(url + "/guarded", options);
assert.deepEqual((await next(guarded, "error"))[0], { reason: "token" });
const unknown = io(url + "/unknown", options);
assert.equal((await next(unknown, "error"))[0], "Invalid namespace");
// The heartbeat goes from the client to the server in this version.
await new Promise((resolve) => setTimeout(resolve, 1500));
assert.equal(socket.connected, true);
done();
