import { io } from "socket.io-client";
import { assert, done, next, options, until, url } from "./expect.mjs";

const lost = io(url, { ...options, reconnection: true, reconnectionDelay: 1000, randomizationFactor: 0 });
const other = io(url, options);
await Promise.all([next(lost, "connect"), next(other, "connect")]);
const id = lost.id;
const heard = [];
lost.on("heard", (what) => heard.push(what));
await lost.timeout(5000).emitWithAck("join", "red");
await lost.timeout(5000).emitWithAck("remember", "forty-two");
await other.timeout(5000).emitWithAck("say-in", "red", "before");
await until(() => heard.length === 1, "the first event");
assert.deepEqual(heard, ["before"]);

// The connection breaks; meanwhile events go to the room, to everybody, to another room, to this socket, and with bytes.
const away = next(lost, "disconnect");
lost.io.engine.close();
await away;
const back = next(lost, "connect");
await other.timeout(5000).emitWithAck("say-in", "red", "missed 1");
await other.timeout(5000).emitWithAck("say-in", "blue", "not for us");
await other.timeout(5000).emitWithAck("say-broadcast", "missed 2");
await other.timeout(5000).emitWithAck("say-in", "red", Buffer.from("missed 3"));
await back;
await until(() => heard.length === 4, "what was missed");
assert.equal(lost.recovered, true);
assert.equal(lost.id, id);
assert.deepEqual(heard, ["before", "missed 1", "missed 2", Buffer.from("missed 3")]);
assert.equal(await lost.timeout(5000).emitWithAck("recall"), "forty-two");
await other.timeout(5000).emitWithAck("say-in", "red", "after");
await until(() => heard.length === 5, "the last event");
assert.deepEqual(heard.slice(4), ["after"]);

// Who leaves on purpose is not recovered.
const again = next(lost, "connect");
lost.disconnect().connect();
await again;
assert.equal(lost.recovered, false);
assert.notEqual(lost.id, id);
done();
