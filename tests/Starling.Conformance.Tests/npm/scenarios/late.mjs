import { Manager } from "socket.io-client";
import { assert, done, next, options, url } from "./expect.mjs";

const manager = new Manager(url, options);
const main = manager.socket("/");
await next(main, "connect");
const ends = [];
main.on("disconnect", (reason) => ends.push(reason));

// The server puts the socket out while the client has a question of it to answer, which it does afterwards.
const late = manager.socket("/late");
const [answer] = await next(late, "question");
late.emit("put-me-out");
assert.deepEqual((await next(late, "disconnect")).slice(0, 1), ["io server disconnect"]);
answer(1);
assert.equal(await main.timeout(5000).emitWithAck("flush"), "flushed");

// The client leaves by itself, and answers afterwards.
late.connect();
const [second] = await next(late, "question");
late.disconnect();
second(1);
assert.equal(await main.timeout(5000).emitWithAck("flush"), "flushed");
assert.deepEqual(ends, []);

// Half of a surrogate pair, and numbers that JSON does not have.
assert.equal(await main.timeout(5000).emitWithAck("text", "a\ud83d"), "a\ufffd");
assert.equal(await main.timeout(5000).emitWithAck("text", "😀"), "😀");
assert.deepEqual(await main.timeout(5000).emitWithAck("nan"), [null, null, 1]);
done();
