// A client of the exchange in plain Node: orders by net, the feed by dgram. Arguments: port, group, feed port, name, token.
import dgram from "node:dgram";
import net from "node:net";

const [port, group, feedPort, name, token] = process.argv.slice(2);
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
