import { io } from "socket.io-client";
import { assert, done, next, options, until, url } from "./expect.mjs";

// Clients move between the nodes of a cluster all the time, while each node publishes consecutive numbers to a room. Nothing may be
// missed, nothing may come twice, and no client may notice more of it than that it was connected again.
const nodes = url.split(",");
const moves = 20;

async function roam(number) {
  const socket = io(nodes[number % nodes.length], {
    ...options, reconnection: true, reconnectionDelay: 10, reconnectionDelayMax: 50, randomizationFactor: 1,
  });
  const last = {};
  let heard = 0;
  socket.on("tick", (node, n) => {
    assert.ok(!(node in last) || n === last[node] + 1, `client ${number}: ${n} of node ${node} came behind ${last[node]}`);
    last[node] = n;
    heard++;
  });
  await next(socket, "connect");
  const id = socket.id;
  await socket.timeout(5000).emitWithAck("join", "red");
  await socket.timeout(5000).emitWithAck("remember", `memory ${number}`);
  for (let move = 1; move <= moves; move++) {
    // Sometimes with, sometimes without having heard anything since the last move.
    const before = heard;
    if (move % 3 !== 0) await until(() => heard > before + 2, "the next events");
    const away = next(socket, "disconnect");
    const back = next(socket, "connect");
    socket.io.uri = nodes[(number + move) % nodes.length];
    const wire = socket.io.engine.transport.ws;
    if (wire && move % 2 === 0) wire.terminate();
    else socket.io.engine.close();
    await away;
    await back;
    assert.equal(socket.recovered, true, `client ${number}, move ${move}`);
    assert.equal(socket.id, id);
  }
  const before = heard;
  await until(() => heard > before + 10, "events after the last move");
  assert.equal(Object.keys(last).length, nodes.length);
  assert.equal(await socket.timeout(5000).emitWithAck("recall"), `memory ${number}`);
}

await Promise.all([0, 1, 2, 3, 4, 5].map(roam));
done();
