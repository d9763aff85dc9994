// Plain WebSockets with the npm package ws: the subprotocol that the server chose, and compressed messages.
import assert from "node:assert/strict";
import { WebSocket } from "ws";

const url = process.argv[2].replace("http", "ws") + "/echo";

function open(protocols, options) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, protocols, options);
    socket.on("open", () => resolve(socket));
    socket.on("error", reject);
  });
}

function ask(socket, message) {
  return new Promise((resolve) => {
    socket.once("message", (data) => resolve(data.toString()));
    socket.send(message);
  });
}

const xml = await open(["yaml", "xml", "json"]);
assert.equal(xml.protocol, "xml");
assert.equal(await ask(xml, "protocol"), "xml");

const none = await open([]);
assert.equal(none.protocol, "");

// ws offers permessage-deflate by default.
assert.match(none.extensions, /permessage-deflate/);
const large = "déflate ".repeat(20_000);
assert.equal(await ask(none, large), large);
assert.equal(await ask(none, "small"), "small");

const plain = await open(["json"], { perMessageDeflate: false });
assert.equal(plain.extensions, "");
assert.equal(await ask(plain, large), large);

await assert.rejects(open(["yaml"]), /no subprotocol/i);
for (const socket of [xml, none, plain]) {
  socket.close();
}
