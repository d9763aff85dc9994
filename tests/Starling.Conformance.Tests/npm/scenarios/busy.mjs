import { io } from "socket.io-client";
import { assert, done, next, options, url } from "./expect.mjs";

// A handler takes longer than interval and time-out of the heartbeat together, and more events wait behind it than the server reads ahead.
const socket = io(url, options);
await next(socket, "connect");
const ends = [];
socket.on("disconnect", (reason) => ends.push(reason));
socket.emit("slow", 9000);
for (let i = 0; i < 2500; i++) socket.emit("note", i);
const notes = await socket.timeout(40_000).emitWithAck("notes");
assert.deepEqual(notes, Array.from({ length: 2500 }, (_, i) => i));
assert.deepEqual(ends, []);
done();
