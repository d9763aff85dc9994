// Clients that stay for as long as standard input is open, while every server behind the address is replaced again and again. Somebody publishes numbers all the
// time, and the clients send, too. At the end: what was missing, came twice, or out of order. Usage: reload-workers.mjs URL CLIENTS
import { once } from "node:events";
import http from "node:http";
import { io } from "socket.io-client";

const [url, count] = [process.argv[2], Number(process.argv[3])];
const summary = { published: 0, failedPosts: 0, lost: 0, recovered: 0, notRecovered: 0, changedIds: 0, missing: 0, twice: 0, disordered: 0, sent: 0, unanswered: 0, reasons: {}, errors: {} };

function note(place, what) {
  place[what] = (place[what] ?? 0) + 1;
}

class Client {
  numbers = new Set();
  last = new Map();
  sent = 0;
  answered = 0;

  constructor() {
    this.socket = io(url, { transports: ["websocket"], reconnectionDelay: 20, reconnectionDelayMax: 200, retries: 100, ackTimeout: 3000, forceNew: true });
    this.socket.on("connect", () => {
      this.isIn = true;
      if (this.id === undefined) {
        this.id = this.socket.id;
        return;
      }
      note(summary, this.socket.recovered ? "recovered" : "notRecovered");
      summary.changedIds += this.socket.id === this.id ? 0 : 1;
    });
    this.socket.on("disconnect", (reason) => {
      // Also told of a connection that ended before the namespace was joined again.
      if (!this.isIn) {
        return;
      }
      this.isIn = false;
      note(summary, "lost");
      note(summary.reasons, reason);
    });
    this.socket.on("connect_error", (error) => note(summary.errors, error.message));
    this.socket.on("tick", (source, sequence, number) => {
      summary.twice += this.numbers.has(number) ? 1 : 0;
      this.numbers.add(number);
      // Of each server in the order in which it published.
      summary.disordered += sequence > (this.last.get(source) ?? 0) ? 0 : 1;
      this.last.set(source, sequence);
    });
  }

  say() {
    const number = ++this.sent;
    this.socket.emit("echo", number, (error, answer) => (this.answered += error === null && answer === number ? 1 : 0));
  }
}

function post(number) {
  return new Promise((resolve) => {
    const request = http.request(`${url}/tick?number=${number}`, { method: "POST", agent: false }, (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode === 200));
    });
    request.on("error", (error) => {
      note(summary.errors, error.message);
      resolve(false);
    });
    request.end();
  });
}

async function until(condition, seconds) {
  for (let i = 0; i < seconds * 20 && !condition(); i++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const clients = Array.from({ length: count }, () => new Client());
await until(() => clients.every((client) => client.socket.connected), 60);
if (!clients.every((client) => client.socket.connected)) {
  throw new Error(`Only ${clients.filter((client) => client.socket.connected).length} of ${count} clients have connected.`);
}
await Promise.all(clients.map((client) => client.socket.emitWithAck("join", "numbers")));
console.log("ready");

let isOver = false;
process.stdin.resume();
once(process.stdin, "end").then(() => (isOver = true));
const talking = setInterval(() => clients.forEach((client) => client.say()), 100);
while (!isOver) {
  summary.failedPosts += (await post(++summary.published)) ? 0 : 1;
  await new Promise((resolve) => setTimeout(resolve, 4));
}
clearInterval(talking);
await until(() => clients.every((client) => client.numbers.size >= summary.published && client.answered >= client.sent && client.isIn), 60);
for (const client of clients) {
  summary.missing += summary.published - client.numbers.size;
  summary.sent += client.sent;
  summary.unanswered += client.sent - client.answered;
}
console.log(JSON.stringify(summary));
clients.forEach((client) => client.socket.disconnect());
