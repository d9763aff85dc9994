// Replays a trace as ../../Starling.TraceReplay does, on npm's quill-delta, and prints seconds for each part as JSON.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import quillDelta from "quill-delta";

const Delta = quillDelta.default ?? quillDelta;
const [file, chunkText, passesText] = process.argv.slice(2);
const [chunk, passes] = [Number(chunkText), Number(passesText)];
const trace = JSON.parse(gunzipSync(readFileSync(file)));
const seconds = (start) => Number(process.hrtime.bigint() - start) / 1e9;

function delta([position, deleted, inserted]) {
  const result = new Delta();
  if (position > 0) result.retain(position);
  if (deleted > 0) result.delete(deleted);
  if (inserted) result.insert(inserted);
  return result;
}

const text = (document) => document.ops.map((op) => op.insert).join("");

function verify(found) {
  if (found !== trace.endContent) throw new Error(`${file}: the replay ends in another text than the trace`);
}

/** The document after all operations; tenths gets the seconds of each tenth of them. */
function apply(operations, tenths) {
  let document = new Delta(trace.startContent ? [{ insert: trace.startContent }] : []);
  let [tenth, start] = [0, process.hrtime.bigint()];
  for (let i = 0; i < operations.length; i++) {
    document = document.compose(operations[i]);
    if (i + 1 >= ((tenth + 1) * operations.length) / 10) {
      tenths[tenth++] = seconds(start);
      start = process.hrtime.bigint();
    }
  }
  verify(text(document));
}

function compose(operations) {
  const start = process.hrtime.bigint();
  for (let i = 0; i < operations.length; i += chunk) {
    let all = operations[i];
    for (let j = i + 1; j < Math.min(i + chunk, operations.length); j++) all = all.compose(operations[j]);
  }
  return seconds(start);
}

/** Two clients and a server between them: each operation is carried over those of the other that its author had not seen. */
function transform(steps) {
  const unseen = [[], []];
  const dropped = [0, 0];
  let count = 0;
  const merged = [];
  const start = process.hrtime.bigint();
  for (const { agent, seen, operation } of steps) {
    const waiting = unseen[agent];
    waiting.splice(0, seen - dropped[agent]);
    dropped[agent] = seen;
    let carried = operation;
    for (let i = 0; i < waiting.length; i++) {
      const other = waiting[i];
      waiting[i] = carried.transform(other, agent === 0);
      carried = other.transform(carried, agent !== 0);
      count += 2;
    }
    unseen[1 - agent].push(carried);
    merged.push(carried);
  }
  const time = seconds(start);
  const result = new Array(10).fill(0);
  apply(merged, result);
  return { time, count };
}

/** For each transaction how many of the other agent's operations its author had seen. */
function concurrentSteps() {
  const clocks = [];
  return trace.txns.map(({ parents, agent, patches }, index) => {
    const clock = [0, 0];
    for (const parent of parents) for (const who of [0, 1]) clock[who] = Math.max(clock[who], clocks[parent][who]);
    const seen = clock[1 - agent];
    clock[agent]++;
    clocks[index] = clock;
    return { agent, seen, operation: patches.map(delta).reduce((all, next) => all.compose(next)) };
  });
}

let result;
for (let pass = 0; pass < passes; pass++) {
  if (trace.kind === "concurrent") {
    const { time, count } = transform(concurrentSteps());
    result = { operations: count, transform: time };
  } else {
    const operations = trace.txns.flatMap((transaction) => transaction.patches.map(delta));
    const tenths = new Array(10).fill(0);
    apply(operations, tenths);
    result = { operations: operations.length, apply: tenths, compose: compose(operations) };
  }
}
console.log(JSON.stringify(result));
