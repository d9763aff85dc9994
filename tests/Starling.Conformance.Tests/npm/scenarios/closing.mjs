// The package ws, while it is still sending: it learns the code for which the server closes.
import { WebSocket } from "ws";
import { assert, done, url } from "./expect.mjs";

const address = url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket";

async function codeAfter(send) {
  const socket = new WebSocket(address);
  socket.on("error", () => {});
  await new Promise((resolve) => socket.once("message", resolve));
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.send("40");
  send(socket);
  for (let i = 0; i < 50; i++) socket.send('42["more","' + "x".repeat(100_000) + '"]');
  return closed;
}

const writeRaw = (...bytes) => (socket) => socket._socket.write(Buffer.from(bytes));
for (let i = 0; i < 24; i++) {
  assert.equal(await codeAfter((socket) => socket.send("4" + "x".repeat(5_000_000))), 1009);
  assert.equal(await codeAfter(writeRaw(0x81, 0x84, 0, 0, 0, 0, 0x34, 0x32, 0xff, 0xfe)), 1007);
  assert.equal(await codeAfter(writeRaw(0xa1, 0x81, 0, 0, 0, 0, 0x34)), 1002);
}
done();
