// The benchmark server of ../../README.md on npm socket.io with its default engine (ws) and default settings.
import { createServer } from "node:http";
import { Server } from "socket.io";

const httpServer = createServer();
const io = new Server(httpServer, { path: "/socket.io/", serveClient: false });

io.on("connection", (socket) => {
  socket.on("echo", (argument, acknowledge) => acknowledge(argument));
  socket.on("publish", (argument, acknowledge) => {
    io.emit("news", argument);
    acknowledge?.();
  });
  socket.on("join", async (room, acknowledge) => {
    await socket.join(room);
    acknowledge();
  });
});

// Whoever started this server may be killed without a chance to end it; the closed pipe then ends it.
if (process.env.EXIT_WITH_STDIN === "1") {
  process.stdin.on("end", () => process.exit(0)).resume();
}

httpServer.listen(Number(process.env.PORT ?? 0), "127.0.0.1", 4096, () => {
  console.log(`listening ${httpServer.address().port} ${process.pid}`);
});
