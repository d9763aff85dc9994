import { io } from "socket.io-client";
import { assert, done, next, options, url } from "./expect.mjs";

const socket = io(url, { ...options, path: "/deep/down/sockets" });
await next(socket, "connect");
assert.equal(await socket.timeout(5000).emitWithAck("add", 2, 3), 5);
const elsewhere = io(url, options);
await next(elsewhere, "connect_error");
done();
