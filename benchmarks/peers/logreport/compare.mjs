// Generates a log, always the same for a size, and has it read by `wc -l`, by Starling and by report.mjs in turns; checks that both reports say the
// same, and prints ratios of the medians: of the time that passed, and of the processors' time of all processes.
//   node compare.mjs [--lines N] [--rounds N] [--file PATH] [--starling "COMMAND"]
import { spawnSync } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const option = (name, value) => (process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : value);
const lines = +option("--lines", 5_000_000);
const rounds = +option("--rounds", 3);
const starling = option("--starling", `dotnet ${join(here, "../../../artifacts/bin/Starling.Host/release/starling.dll")}`).split(" ");

function generate(file) {
  let state = 12345;
  const random = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 4294967296;
  const agents = [
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36",
    "curl/8.5.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.0 Safari/605.1.15",
  ];
  const statuses = [200, 200, 200, 200, 200, 200, 304, 301, 404, 500];
  const two = (n) => String(n).padStart(2, "0");
  const out = openSync(file, "w");
  let text = [];
  for (let i = 0; i < lines; i++) {
    const second = Math.floor(i / 300);
    const ip = Math.floor(random() * random() * 20000);
    const page = Math.floor(random() * random() * random() * 5000);
    text.push(`10.${ip >> 14}.${(ip >> 7) & 127}.${ip & 127} - - [${two(10 + Math.floor(second / 86400))}/Oct/2025:${two(Math.floor(second / 3600) % 24)}:${two(Math.floor(second / 60) % 60)}:${two(second % 60)} +0000] `
      + `"GET /articles/${page}/view${random() < 0.3 ? `?page=${i % 50}` : ""} HTTP/1.1" ${statuses[Math.floor(random() * 10)]} ${Math.floor(random() * 50000)} `
      + `"https://example.com/start" "${agents[Math.floor(random() * 3)]}" ${(random() * random() * 2).toFixed(3)}\n`);
    if (i % 10_000 === 5000) text.push("a line that does not match\n");
    if (text.length > 20_000 || i === lines - 1) {
      writeSync(out, text.join(""));
      text = [];
    }
  }
  closeSync(out);
}

// Node does not say what its children used, but the shell does: its last line is what all of them did.
function run(command, args) {
  const start = process.hrtime.bigint();
  const result = spawnSync("bash", ["-c", 'TIMEFORMAT="%U %S"; time "$@"', "bash", command, ...args], { encoding: "utf8", maxBuffer: 1 << 28 });
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  const cpu = result.stderr.trim().split("\n").at(-1).split(" ").reduce((sum, part) => sum + +part, 0);
  if (result.status !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${result.status}: ${result.stderr}`);
  return { seconds, cpu, output: result.stdout };
}

function check(ours, peer) {
  const plain = (r) => JSON.stringify([r.lines, r.hits, r.bad, r.bytes, r.statuses, r.minutes, r.latency.count, r.latency.max,
    ...[r.paths, r.clients].map((list) => list.map(({ key, hits }) => [key, hits]))]);
  if (plain(ours) !== plain(peer)) throw new Error(`The reports differ:\n${plain(ours)}\n${plain(peer)}`);
  for (const p of ["p50", "p90", "p99"]) {
    const ratio = ours.latency[p] / peer.latency[p];
    if (!(ratio >= 1 && ratio <= 1 + ours.latency.relativeError)) throw new Error(`${p}: ${ours.latency[p]} and ${peer.latency[p]}`);
  }
}

const folder = mkdtempSync(join(tmpdir(), "logreport-"));
try {
  const file = option("--file", join(folder, "access.log"));
  if (!existsSync(file)) generate(file);
  const contestants = {
    "wc -l": () => run("wc", ["-l", file]),
    "starling, threads": () => run(starling[0], [...starling.slice(1), "apps", "logreport", "--json", file]),
    "starling, processes": () => run(starling[0], [...starling.slice(1), "apps", "logreport", "--json", "--run", "processes", file]),
    "node, children and sed": () => run("node", [join(here, "report.mjs"), file]),
  };
  const times = Object.fromEntries(Object.keys(contestants).map((name) => [name, []]));
  const cpus = Object.fromEntries(Object.keys(contestants).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    const outputs = {};
    for (const [name, go] of Object.entries(contestants)) {
      const { seconds, cpu, output } = go();
      times[name].push(seconds);
      cpus[name].push(cpu);
      outputs[name] = output;
    }
    const peer = JSON.parse(outputs["node, children and sed"]);
    check(JSON.parse(outputs["starling, threads"]), peer);
    check(JSON.parse(outputs["starling, processes"]), peer);
  }
  const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
  console.log(`${lines} lines, ${(statSync(file).size / 1e6).toFixed(0)} MB, medians of ${rounds}, all reports the same`);
  for (const name of Object.keys(contestants)) {
    console.log(`${name.padEnd(24)} ${median(times[name]).toFixed(2)} s, ${median(cpus[name]).toFixed(2)} s of processors`);
  }
  for (const [what, lists] of [["time", times], ["processors", cpus]]) {
    const [wc, threads, processes, node] = Object.values(lists).map(median);
    console.log(`node / starling, ${what.padEnd(11)} ${(node / threads).toFixed(1)} (threads)  ${(node / processes).toFixed(1)} (processes)`);
    console.log(`starling / wc -l, ${what.padEnd(10)} ${(threads / wc).toFixed(1)} (threads)  ${(processes / wc).toFixed(1)} (processes)`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
