import { io } from "socket.io-client";
import { assert, done, next, options, transports, until, url } from "./expect.mjs";

// The test stops the first of two nodes behind one address; clients come back by themselves, to the other one.
const clients = await Promise.all([0, 1, 2, 3].map(async (number) => {
  const socket = io(url, { ...options, reconnection: true, reconnectionDelay: 100, randomizationFactor: 1 });
  const client = { socket, number, numbers: [], away: undefined };
  socket.on("tick", (_, n) => client.numbers.push(n));
  socket.on("disconnect", (reason) => (client.away = reason));
  await next(socket, "connect");
  client.id = socket.id;
  client.moved = new Promise((resolve) => socket.once("disconnect", () => socket.once("connect", resolve)));
  await socket.timeout(5000).emitWithAck("join", "red");
  return client;
}));
console.log("ready");
await Promise.all(clients.map(async ({ socket, number, moved }) => {
  await moved;
  assert.equal(socket.recovered, true, `client ${number}`);
}));
for (const { socket, id, numbers, away } of clients) {
  // While polling, each request is a connection of its own, and one of the old session may already have led to the other node.
  assert.match(away, transports.includes("polling") ? /^transport (close|error)$/ : /^transport close$/);
  assert.equal(socket.id, id);
  const count = numbers.length;
  await until(() => numbers.length > count + 10, "events after the move");
  numbers.forEach((n, i) => assert.equal(n, numbers[0] + i));
}
done();
