// A message far larger than what may wait for a client reaches the default client, which begins by polling, and one that stays with it.
import { io } from "socket.io-client";
import { assert, done, next, url } from "./expect.mjs";

for (const transports of [undefined, ["polling"], ["websocket"]]) {
  let connects = 0;
  const socket = io(url + "/large", { ...(transports && { transports }), forceNew: true });
  socket.on("connect", () => connects++);
  const [[large]] = await Promise.all([next(socket, "large"), next(socket, "small")]);
  assert.equal(large.length, 1_200_000);

  // So is the answer to a request, such as the picture of a board.
  const picture = await socket.timeout(5000).emitWithAck("picture");
  assert.equal(picture.length, 1_300_000);
  const pictures = await Promise.all(Array.from({ length: 8 }, () => socket.timeout(20_000).emitWithAck("picture")));
  assert.ok(pictures.every((each) => each.length === 1_300_000));
  assert.equal(connects, 1);
  socket.disconnect();
}
done();
