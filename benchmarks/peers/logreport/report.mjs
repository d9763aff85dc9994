// The same report as `starling apps logreport --json`, the way it is usually done in Node: the main process counts lines with `wc -l`, forks a
// worker per processor, each worker has `sed` cut its lines out of the file, reads them with readline, matches each with a regular expression,
// counts in Maps and sends the result over IPC; the main process merges. Format: combined with the request's time in seconds at the end.
import { fork, spawn, execFileSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const LINE = /^(\S+) \S+ .+? \[([^\]]+)\] "((?:[^"\\]|\\.)*)" (\d{3}) (\d+|-) "(?:[^"\\]|\\.)*" "(?:[^"\\]|\\.)*" (\d+\.\d+)$/;
const MONTHS = { Jan: "01", Feb: "02", Mar: "03", Apr: "04", May: "05", Jun: "06", Jul: "07", Aug: "08", Sep: "09", Oct: "10", Nov: "11", Dec: "12" };

const count = (map, key, n = 1) => map.set(key, (map.get(key) ?? 0) + n);

async function work({ file, first, last }) {
  const result = { lines: 0, hits: 0, bad: 0, bytes: 0, statuses: new Map(), paths: new Map(), clients: new Map(), minutes: new Map(), latencies: [] };
  const sed = spawn("sed", ["-n", `${first},${last}p;${last}q`, file]);
  for await (const line of createInterface({ input: sed.stdout, crlfDelay: Infinity })) {
    result.lines++;
    const match = LINE.exec(line);
    if (!match) {
      result.bad++;
      continue;
    }
    const [, host, time, request, status, bytes, latency] = match;
    result.hits++;
    result.bytes += bytes === "-" ? 0 : +bytes;
    count(result.statuses, status);
    const words = request.split(" ");
    count(result.paths, (words[1] ?? words[0]).split("?")[0]);
    count(result.clients, host);
    // The log is in UTC, so no date has to be parsed.
    count(result.minutes, `${time.slice(7, 11)}-${MONTHS[time.slice(3, 6)]}-${time.slice(0, 2)}T${time.slice(12, 17)}Z`);
    result.latencies.push(Math.round(+latency * 1e6));
  }
  for (const name of ["statuses", "paths", "clients", "minutes"]) result[name] = [...result[name]];
  process.send(result, () => process.disconnect());
}

async function main(file, workers) {
  const lines = +execFileSync("wc", ["-l", file], { encoding: "utf8" }).split(" ")[0];
  const size = Math.ceil(lines / workers);
  const parts = await Promise.all(
    Array.from({ length: workers }, (_, i) => new Promise((resolve, reject) => {
      const child = fork(fileURLToPath(import.meta.url), ["--worker"]);
      child.once("message", resolve);
      child.once("error", reject);
      child.send({ file, first: i * size + 1, last: Math.min(lines, (i + 1) * size) });
    })),
  );
  const sum = (name) => parts.reduce((total, part) => total + part[name], 0);
  const merge = (name) => {
    const map = new Map();
    for (const part of parts) for (const [key, n] of part[name]) count(map, key, n);
    return map;
  };
  const top = (name) => [...merge(name)].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, 10).map(([key, hits]) => ({ key, hits }));
  const latencies = Float64Array.from(parts.flatMap((part) => part.latencies)).sort();
  const percentile = (p) => latencies[Math.max(0, Math.ceil((p / 100) * latencies.length) - 1)];
  console.log(JSON.stringify({
    lines: sum("lines"), hits: sum("hits"), bad: sum("bad"), bytes: sum("bytes"),
    statuses: Object.fromEntries([...merge("statuses")].sort()),
    latency: { count: latencies.length, p50: percentile(50), p90: percentile(90), p99: percentile(99), max: latencies.at(-1) },
    paths: top("paths"), clients: top("clients"),
    minutes: [...merge("minutes")].sort().map(([time, hits]) => ({ time, hits })),
  }));
}

if (process.argv[2] === "--worker") process.once("message", work);
else await main(process.argv[2], +(process.argv[3] ?? availableParallelism()));
