import { io } from "socket.io-client";
import { assert, done, next, options, url } from "./expect.mjs";

const refused = async (name, auth) => {
  const [error] = await next(io(url + name, { ...options, auth }), "connect_error");
  return error;
};
assert.equal((await refused("/unknown")).message, "Invalid namespace");
const error = await refused("/guarded", { token: "wrong" });
assert.equal(error.message, "not allowed");
assert.deepEqual(error.data, { reason: "token" });
const guarded = io(url + "/guarded", { ...options, auth: { token: "right" } });
await next(guarded, "connect");

// Dynamic namespaces share handlers but not sockets.
const one = io(url + "/board-1", options);
const two = io(url + "/board-2", options);
await Promise.all([next(one, "connect"), next(two, "connect")]);
assert.equal(await one.timeout(5000).emitWithAck("where"), "/board-1");
assert.equal(await two.timeout(5000).emitWithAck("where"), "/board-2");
assert.equal((await refused("/board-x")).message, "Invalid namespace");

// Several namespaces over one connection; leaving one leaves the others.
const { Manager } = await import("socket.io-client");
const manager = new Manager(url, { ...options, forceNew: undefined });
const main = manager.socket("/");
const board = manager.socket("/board-3");
await Promise.all([next(main, "connect"), next(board, "connect")]);
board.disconnect();
assert.equal(await main.timeout(5000).emitWithAck("add", 1, 2), 3);
done();
