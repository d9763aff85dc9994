// Keeps a number of calls under way for a time and measures each; prints one JSON line.
export async function measure(what, call, inFlight, seconds, cpu) {
  await run(call, inFlight, seconds / 2);
  const before = await cpu();
  const { samples, elapsed } = await run(call, inFlight, seconds);
  const used = await cpu() - before;
  samples.sort((a, b) => a - b);
  console.log(JSON.stringify({
    what,
    rate: samples.length / elapsed,
    median: samples[samples.length >> 1] * 1000,
    p99: samples[Math.floor(samples.length * 0.99)] * 1000,
    cpu: used / samples.length,
  }));
}

async function run(call, inFlight, seconds) {
  const samples = [];
  const start = performance.now();
  const end = start + seconds * 1000;
  await Promise.all(Array.from({ length: inFlight }, async () => {
    for (let now = performance.now(); now < end;) {
      await call();
      const then = now;
      now = performance.now();
      samples.push(now - then);
    }
  }));
  return { samples, elapsed: (performance.now() - start) / 1000 };
}

// Matches answers with calls by number, which is the least that anyone needs on top of a channel of messages.
export function correlate(send) {
  const waiting = new Map();
  let last = 0;
  return {
    receive({ id, result }) {
      const resolve = waiting.get(id);
      waiting.delete(id);
      resolve(result);
    },
    call: (method, ...params) => new Promise((resolve) => {
      waiting.set(++last, resolve);
      send({ id: last, method, params });
    }),
  };
}

// Processor time of this process until now, in microseconds.
export const cpu = () => { const { user, system } = process.cpuUsage(); return user + system; };

export const methods = { add: (a, b) => a + b, echo: (text) => text, cpu };

// The other side is another process unless it is said that it is a thread of this one.
export async function all(call, seconds, isThread = false) {
  const both = async () => cpu() + (isThread ? 0 : await call('cpu'));
  const large = 'x'.repeat(64 * 1024);
  await measure('1', () => call('add', 1, 2), 1, seconds, both);
  await measure('64', () => call('add', 1, 2), 64, seconds, both);
  await measure('64KB x 1', () => call('echo', large), 1, seconds, both);
  await measure('64KB x 16', () => call('echo', large), 16, seconds, both);
}
