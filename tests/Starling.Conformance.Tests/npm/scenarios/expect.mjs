import assert from "node:assert/strict";

export { assert };

/** The address of the server and the transport to use, given by the test. */
export const url = process.argv[2];
export const transports = process.argv[3] ? process.argv[3].split(",") : ["polling", "websocket"];
export const options = { transports, forceNew: true, reconnection: false };

/** Resolves with the arguments of the next event. */
export function next(emitter, event) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no ${event} within 5 s`)), 5000);
    emitter.once(event, (...args) => {
      clearTimeout(timer);
      resolve(args);
    });
  });
}

/** Resolves once a condition holds. */
export async function until(condition, what) {
  for (let i = 0; i < 2500; i++) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  throw new Error(`${what} did not happen within 5 s`);
}

/** Ends the process: open connections are the server's business to clean up. */
export function done() {
  process.exit(0);
}
