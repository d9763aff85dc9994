// Keeps a number of calls under way for a time and measures each; prints one JSON line.
export async function measure(what, call, inFlight, seconds) {
  await run(call, inFlight, seconds / 2);
  const { samples, elapsed } = await run(call, inFlight, seconds);
  samples.sort((a, b) => a - b);
  console.log(JSON.stringify({
    what,
    rate: samples.length / elapsed,
    median: samples[samples.length >> 1] * 1000,
    p99: samples[Math.floor(samples.length * 0.99)] * 1000,
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

export const methods = { add: (a, b) => a + b, echo: (text) => text };

export async function all(call, seconds) {
  const large = 'x'.repeat(64 * 1024);
  await measure('1', () => call('add', 1, 2), 1, seconds);
  await measure('64', () => call('add', 1, 2), 64, seconds);
  await measure('64KB x 1', () => call('echo', large), 1, seconds);
  await measure('64KB x 16', () => call('echo', large), 16, seconds);
}
