// A client of the exchange in plain Node: orders by net, the feed by dgram. Arguments: port, group, feed port, name, token.
// With a sixth, "trade", it buys and sells until it is killed, connects again when the exchange goes, and tells each order and answer.
import dgram from "node:dgram";
import net from "node:net";

const [port, group, feedPort, name, token, mode] = process.argv.slice(2);
if (mode === "trade") trade();
else once();

function trade() {
  const orders = net.connect(Number(port), "127.0.0.1", () => orders.write(`LOGIN ${name} ${token}\n`));
  orders.setNoDelay(true);
  let pending = "";
  orders.on("data", (chunk) => {
    pending += chunk;
    if (!pending.endsWith("\n")) return;
    console.log(`ANSWER ${pending.trimEnd()}`);
    pending = "";
    const order = `${Math.random() < 0.6 ? "BUY" : "SELL"} ACME ${1 + Math.floor(Math.random() * 9)}`;
    console.log(`ORDER ${order}`);
    orders.write(`${order}\n`);
  });
  orders.on("error", () => {});
  orders.on("close", () => setTimeout(trade, 50));
}

function once() {
  const news = [];
  const feed = dgram.createSocket({ type: "udp4", reuseAddr: true });
  feed.on("message", (packet) => {
    // MoldUDP64: session (10 bytes), number of the first message (8), count (2), then each message with its length (2) before it.
    let offset = 20;
    for (let count = packet.readUInt16BE(18); count > 0 && count < 0xffff; count--) {
      const length = packet.readUInt16BE(offset);
      news.push(packet.toString("utf8", offset + 2, offset + 2 + length));
      offset += 2 + length;
    }
    if (news.some((line) => line.startsWith("TRADED"))) finish();
  });
  feed.bind(Number(feedPort), () => {
    feed.addMembership(group, "127.0.0.1");
    orders.write(`LOGIN ${name} ${token}\nBUY ACME 5\n`);
  });

  const answers = [];
  let pending = "";
  const orders = net.connect(Number(port), "127.0.0.1");
  orders.on("data", (chunk) => {
    pending += chunk;
    const lines = pending.split("\n");
    pending = lines.pop();
    answers.push(...lines);
    finish();
  });

  function finish() {
    if (answers.length === 2 && news.length > 0) {
      console.log(JSON.stringify({ answers, news }));
      process.exit(0);
    }
  }
  setTimeout(() => {
    console.error(JSON.stringify({ answers, news }));
    process.exit(1);
  }, 30_000);
}
