import { io } from "socket.io-client";
import { assert, done, next, options, url } from "./expect.mjs";

const socket = io(url, options);
await next(socket, "connect");
assert.equal(socket.id.length, 20);
assert.notEqual(socket.id, socket.io.engine.id);

// Arguments of every kind come back as they went, alone and as an acknowledgement.
const bytes = Buffer.from([0, 1, 2, 255]);
const samples = [
  [],
  ["text", 1, 1.5, -7, true, null],
  ["てすと", "Я Б Г", "😀", "quote \" back \\ slash", "\u001e separator"],
  [{ nested: { array: [1, [2, [3]]] } }],
  [bytes],
  [{ a: bytes, b: [bytes, "x"] }, bytes],
  [Buffer.alloc(0)],
  ["x".repeat(100_000)],
  [Buffer.alloc(100_000, 7)],
];
for (const sample of samples) {
  socket.emit("echo", ...sample);
  assert.deepEqual(await next(socket, "echo-back"), sample);
  assert.deepEqual(await new Promise((resolve) => socket.emit("echo-ack", ...sample, (...args) => resolve(args))), sample);
}

// The order of many events is kept, also while the transport changes.
const received = [];
socket.on("number", (n) => received.push(n));
for (let i = 0; i < 500; i++) socket.emit("number", i);
assert.deepEqual(await socket.timeout(5000).emitWithAck("flush"), "flushed");
assert.deepEqual(received, Array.from({ length: 500 }, (_, i) => i));

// The server asks, the client answers; the server notices when it does not.
socket.on("question", (n, answer) => answer(n * 2));
assert.equal(await socket.timeout(5000).emitWithAck("ask-me", 21), 42);
socket.on("silence", () => {});
assert.equal(await socket.timeout(5000).emitWithAck("ask-nothing"), "timeout");

// A typed handler, one that throws, one whose argument does not fit: the socket lives on.
assert.deepEqual(await socket.timeout(5000).emitWithAck("add", 2, 3), 5);
socket.emit("throws");
socket.emit("add", "no number", 3);
assert.deepEqual(await socket.timeout(5000).emitWithAck("add", 20, 30), 50);

socket.emit("leave-me");
assert.equal((await next(socket, "disconnect"))[0], "io server disconnect");
done();
