// Hostile clients send generated packets to a server that relays them. Official clients listen: whatever the server relays they must be
// able to read, and it must be what the official decoder makes of the packet. What that decoder refuses the server must refuse.
import { io } from "socket.io-client";
import { Decoder } from "socket.io-parser";
import WebSocket from "ws";
import { assert, done, next, options, until, url } from "./expect.mjs";

const packets = 300;

// A small generator of random numbers, so that every run sends the same.
let state = 20_261;
function random(below) {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) % below;
}
const pick = (items) => items[random(items.length)];

let count = 0;
let isOdd = false;
const space = () => (random(6) === 0 ? pick([" ", "\n", "\t "]) : "");
const escape = (char) => "\\u" + char.charCodeAt(0).toString(16).padStart(4, "0");
const quote = (text) => '"' + [...text].map((c) => (random(25) === 0 && c.length === 1 ? escape(c) : c)).join("") + '"';
const member = (key, value) => space() + quote(key) + space() + ":" + space() + value + space();

function placeholder() {
  const num = random(10) > 0 ? String(random(Math.max(count, 1))) : pick(["-0", "0.0", "1e0", "0.5", "9", "-1", '"0"', "null", "true", "{}"]);
  isOdd ||= !/^\d+$/.test(num);
  const mark = random(20) > 0 ? "true" : pick(["false", "1", '"true"', "null", "[true]"]);
  const members = [member("_placeholder", mark), member("num", num)];
  if (random(4) === 0) members.reverse();
  if (random(20) === 0) members.splice(random(2), 1);
  if (random(20) === 0) {
    isOdd = true;
    members.splice(random(3), 0, pick([member("more", value(3)), member("num", "7"), member("_placeholder", pick(["true", "false"]))]));
  }
  return "{" + members.join(",") + "}";
}

function value(depth) {
  const kind = random(depth > 3 ? 6 : 10);
  if (kind < 2) return pick(["0", "-1", "1.5", "1e3", "true", "null", '"text"', '"\\ud83d"', '"\\ud83d\\ude00"', '"\\\\ud83d"']);
  if (kind < 6) return placeholder();
  const items = Array.from({ length: random(4) }, () => value(depth + 1));
  if (kind < 8) return "[" + items.map((item) => space() + item + space()).join(",") + "]";
  const keys = ["a", "b", "num", "_placeholder", "__proto__", "half \\ud83d"];
  return "{" + items.map((item) => space() + '"' + keys.splice(random(keys.length), 1) + '":' + item).join(",") + "}";
}

/** What the official decoder makes of a packet; null if it refuses it. */
function decode(text, buffers) {
  const decoder = new Decoder();
  let decoded = null;
  decoder.on("decoded", (packet) => (decoded = packet));
  try {
    decoder.add(text);
    for (const buffer of buffers) decoder.add(buffer);
  } catch {
    return null;
  }
  return decoded;
}

const wellFormed = (item) =>
  typeof item === "string" ? item.toWellFormed()
  : Buffer.isBuffer(item) || item === null || typeof item !== "object" ? item
  : Array.isArray(item) ? item.map(wellFormed)
  : Object.fromEntries(Object.entries(item).map(([key, inner]) => [key.toWellFormed(), wellFormed(inner)]));

const isStrict = (item, buffers) =>
  item === null || typeof item !== "object" ? true
  : item._placeholder === true
    ? Object.keys(item).length === 2 && Number.isInteger(item.num) && item.num >= 0 && item.num < buffers
    : Object.values(item).every((inner) => isStrict(inner, buffers));

let sender;
let answers = 0;
async function connect() {
  sender = new WebSocket(url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket");
  sender.inbox = [];
  sender.on("message", (data, isBinary) => !isBinary && sender.inbox.push(data.toString()));
  await until(() => sender.inbox.length === 1, "the handshake");
  sender.send("40");
  await until(() => sender.inbox.length === 2, "the join");
}

const listeners = [["websocket"], ["polling"]].map((transports) => io(url, { ...options, transports }));
const heard = listeners.map(() => new Map());
const ends = [];
for (const [i, listener] of listeners.entries()) {
  await next(listener, "connect");
  listener.on("bcast", (...args) => heard[i].set(args[0], args));
  listener.on("disconnect", (reason) => ends.push(reason));
}

/** Sends a packet; whether the server took it, or closed the connection. */
async function send(text, buffers) {
  if (sender?.readyState !== WebSocket.OPEN) await connect();
  sender.send("4" + text);
  for (const buffer of buffers) sender.send(buffer);
  const id = ++answers;
  sender.send(`42${id}["flush"]`);
  const answer = `43${id}["flushed"]`;
  await until(() => sender.inbox.includes(answer) || sender.readyState === WebSocket.CLOSED, "an answer or the end");
  return sender.inbox.splice(0).includes(answer);
}

// The packet that was seen to disconnect all clients.
assert.equal(await send('51-["bcast",{"_placeholder":true},{"_placeholder":true,"num":0}]', [Buffer.from([1])]), false);

const expected = new Map();
const refusals = { both: 0, server: 0 };
for (let number = 0; number < packets; number++) {
  count = random(4);
  isOdd = false;
  const buffers = Array.from({ length: count }, (_, i) => Buffer.from([number % 256, i]));
  const args = Array.from({ length: 1 + random(3) }, () => value(0));
  const json = `["bcast",${number},${args.join(",")}]`;
  const text = (count === 0 ? "2" : `5${count}-`) + json;
  const decoded = decode(text, buffers);
  const taken = await send(text, buffers);
  if (taken) {
    assert.notEqual(decoded, null, "the server relayed what clients cannot read: " + text);
    expected.set(number, wellFormed(decoded.data.slice(1)));
  } else {
    assert.ok(decoded === null || isOdd || !isStrict(JSON.parse(json), count), "the server refused a valid packet: " + text);
    refusals[decoded === null ? "both" : "server"]++;
  }
}

// The generator makes enough of each, and what was relayed has arrived as it should.
assert.ok(expected.size > packets / 4 && refusals.both > packets / 20 && refusals.server > 2, JSON.stringify([expected.size, refusals]));
for (const [i] of listeners.entries()) {
  await until(() => heard[i].size === expected.size, "the arrival of all relayed packets");
  // With recovery on, the offset of the event follows its arguments.
  for (const [number, args] of expected) assert.deepEqual(heard[i].get(number).slice(0, args.length), args);
}
assert.deepEqual(ends, []);
done();
