// The event-stream server of ../../README.md on Node's own http module and nothing else.
import { createServer } from "node:http";

const streams = new Set();
let sequence = 0;

const server = createServer((request, response) => {
  if (request.method === "GET") {
    response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-cache" });
    response.write(":\n");
    streams.add(response);
    request.on("close", () => streams.delete(response));
    return;
  }

  let body = "";
  request.setEncoding("utf8");
  request.on("data", (chunk) => (body += chunk));
  request.on("end", () => {
    const id = String(++sequence);
    const event = Buffer.from(`id: ${id}\ndata: ${new URLSearchParams(body).get("data")}\n\n`);
    for (const stream of streams) {
      stream.write(event);
    }
    response.end(id);
  });
});

// Whoever started this server may be killed without a chance to end it; the closed pipe then ends it.
if (process.env.EXIT_WITH_STDIN === "1") {
  process.stdin.on("end", () => process.exit(0)).resume();
}

server.listen(Number(process.env.PORT ?? 0), "127.0.0.1", 4096, () => {
  console.log(`listening ${server.address().port} ${process.pid}`);
});
