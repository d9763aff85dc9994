// A subscriber of the feed in plain Node that comes late: it asks the exchange where the feed is (FEED), hears by multicast how far it has got, and
// fetches everything before that from the recovery (SoupBinTCP). Argument: the exchange's port.
import dgram from "node:dgram";
import net from "node:net";

const orders = net.connect(Number(process.argv[2]), "127.0.0.1", () => orders.write("FEED\n"));
orders.once("data", (answer) => {
  const [, group, recovery, session] = answer.toString().trim().split(" ");
  const [address, port] = group.split(":");
  const feed = dgram.createSocket({ type: "udp4", reuseAddr: true });
  feed.on("message", (packet) => {
    // MoldUDP64: also a heartbeat tells the number of the next message.
    if (packet.toString("latin1", 0, 10).trim() !== session) return;
    feed.close();
    fetch(recovery, session, Number(packet.readBigUInt64BE(10)) - 1);
  });
  feed.bind(Number(port), () => feed.addMembership(address, "127.0.0.1"));
});

function fetch(recovery, session, count) {
  const [host, port] = recovery.split(":");
  const login = "L" + " ".repeat(16) + session.padStart(10) + "1".padStart(20);
  const soup = net.connect(Number(port), host, () => soup.write(Buffer.concat([Buffer.from([0, login.length]), Buffer.from(login)])));
  const news = [];
  let pending = Buffer.alloc(0);
  soup.on("data", (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    // Each packet has its length before it; S is a message with the next number.
    while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
      const packet = pending.subarray(2, 2 + pending.readUInt16BE(0));
      pending = pending.subarray(2 + packet.length);
      if (packet.toString("latin1", 0, 1) === "S") news.push(packet.toString("utf8", 1));
    }
    if (news.length < count) return;
    console.log(JSON.stringify(news));
    process.exit(0);
  });
}

setTimeout(() => process.exit(1), 30_000);
