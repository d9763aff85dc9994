import { io } from "socket.io-client";
import { assert, done, next, options, url } from "./expect.mjs";

const observer = io(url, options);
await next(observer, "connect");
const ask = (event) => observer.timeout(5000).emitWithAck(event);

// Two events wait behind a handler when their client leaves; the application is told of that when they are handled.
const leaver = io(url, options);
await next(leaver, "connect");
leaver.emit("slow", 300);
leaver.emit("note", 1);
leaver.emit("note", 2);
leaver.disconnect();
while ((await ask("left")) === 0);
assert.equal(await ask("left"), 2);
assert.deepEqual(await ask("notes"), [1, 2]);

// One that loses its connection and is back at once finds everything done.
const returner = io(url, { ...options, reconnection: true, reconnectionDelay: 10, reconnectionDelayMax: 10 });
await next(returner, "connect");
const id = returner.id;
returner.emit("slow", 300);
returner.emit("note", 3);
returner.emit("note", 4);
await new Promise((resolve) => returner.io.engine.once("drain", resolve));
const back = next(returner, "connect");
returner.io.engine.close();
await back;
assert.equal(returner.recovered, true);
assert.equal(returner.id, id);
assert.deepEqual(await returner.timeout(5000).emitWithAck("notes"), [1, 2, 3, 4]);
done();
