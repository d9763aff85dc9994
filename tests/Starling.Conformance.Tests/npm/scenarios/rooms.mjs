import { io } from "socket.io-client";
import { assert, done, next, options, until, url } from "./expect.mjs";

const names = ["a", "b", "c"];
const sockets = Object.fromEntries(names.map((name) => [name, io(url, options)]));
const heard = Object.fromEntries(names.map((name) => [name, []]));
for (const name of names) {
  sockets[name].on("heard", (what) => heard[name].push(what));
  sockets[name].on("poll", (answer) => answer(name));
}
await Promise.all(names.map((name) => next(sockets[name], "connect")));
const ask = (name, ...args) => sockets[name].timeout(5000).emitWithAck(...args);
await ask("a", "join", "red");
await ask("b", "join", "red");
await ask("c", "join", "blue");

await ask("a", "say-to", "red", "others in red");
await ask("a", "say-in", "red", "everybody in red");
await ask("a", "say-broadcast", "all others");
await ask("a", "say-except", "blue", "not blue");
await ask("a", "say-union", "red", "blue", "either");
await until(() => heard.b.length === 5 && heard.a.length === 3 && heard.c.length === 2, "delivery");
assert.deepEqual(heard.a, ["everybody in red", "not blue", "either"]);
assert.deepEqual(heard.b, ["others in red", "everybody in red", "all others", "not blue", "either"]);
assert.deepEqual(heard.c, ["all others", "either"]);

assert.deepEqual((await ask("a", "poll-all")).sort(), names);
sockets.c.off("poll");
assert.deepEqual((await ask("a", "poll-some")).sort(), ["a", "b"]);
assert.deepEqual((await ask("a", "count", "red")), 2);
await ask("b", "leave", "red");
assert.deepEqual((await ask("a", "count", "red")), 1);
const gone = next(sockets.c, "disconnect");
await ask("a", "expel", "blue");
await gone;
done();
