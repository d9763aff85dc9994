import { Chart } from "./chart";
import { poll, stream, symbols, type Quote, type QuoteAnswer, type Stop } from "./quotes";

const find = <T extends Element>(id: string) => document.getElementById(id) as unknown as T;
const picker = find<HTMLSelectElement>("symbol");
const status = find<HTMLParagraphElement>("status");
const trouble = find<HTMLParagraphElement>("trouble");
const last = find<HTMLOutputElement>("last");
const change = find<HTMLOutputElement>("change");
const fields = find<HTMLDListElement>("fields");
const chart = new Chart(find<SVGPathElement>("line"), find<SVGPathElement>("area"));

const money = new Intl.NumberFormat(undefined, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const whole = new Intl.NumberFormat();
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const rows: [string, (quote: Quote) => string][] = [
  ["Bid", (quote) => money.format(quote.bid)],
  ["Ask", (quote) => money.format(quote.ask)],
  ["High", (quote) => money.format(quote.high)],
  ["Low", (quote) => money.format(quote.low)],
  ["Previous close", (quote) => money.format(quote.previousClose)],
  ["Volume", (quote) => whole.format(quote.volume)],
  ["Time", (quote) => clock.format(new Date(quote.time))],
];
const cells = rows.map(([title]) => {
  const box = document.createElement("div");
  const term = document.createElement("dt");
  const value = document.createElement("dd");
  term.textContent = title;
  value.textContent = "–";
  box.append(term, value);
  fields.append(box);
  return value;
});

const names = new Map<string, string>();
let stop: Stop = () => undefined;
let shown: Quote | null = null;

function show(quote: Quote): void {
  if (shown?.symbol === quote.symbol && shown.time === quote.time) {
    return;
  }
  const before = shown?.symbol === quote.symbol ? shown.last : quote.last;
  shown = quote;
  last.textContent = money.format(quote.last);
  flash(quote.last - before);
  const direction = quote.change > 0 ? "up" : quote.change < 0 ? "down" : "flat";
  const sign = { up: "▲ +", down: "▼ −", flat: "■ " }[direction];
  change.dataset["direction"] = direction;
  change.textContent = `${sign}${money.format(Math.abs(quote.change))} (${money.format(Math.abs(quote.changePercent))} %)`;
  rows.forEach(([, format], i) => (cells[i]!.textContent = format(quote)));
  chart.add(quote.last);
  document.body.dataset["direction"] = direction;
}

function flash(difference: number): void {
  if (difference !== 0) {
    last.dataset["tick"] = difference > 0 ? "up" : "down";
    window.setTimeout(() => delete last.dataset["tick"], 600);
  }
}

function take(answer: QuoteAnswer): void {
  if (answer.quote) {
    show(answer.quote);
  }
  const failed = answer.error !== undefined;
  status.dataset["state"] = failed ? "failed" : "connected";
  status.textContent = failed ? "Not live" : "Live";
  document.body.dataset["stale"] = String(failed);
  trouble.hidden = !failed;
  if (failed) {
    const next = answer.callIn ? ` Next try in ${Math.round(answer.callIn / 1000)} s.` : "";
    trouble.textContent = `${answer.error}${shown ? " The quote below is an old one." : ""}${next}`;
  }
}

function watch(): void {
  stop();
  shown = null;
  chart.clear();
  last.textContent = "–";
  change.textContent = "–";
  find<HTMLElement>("name").textContent = names.get(picker.value) ?? picker.value;
  find<HTMLElement>("code").textContent = picker.value;
  const mode = new FormData(find<HTMLFormElement>("controls")).get("mode");
  status.dataset["state"] = "connecting";
  status.textContent = "Connecting…";
  history.replaceState(null, "", `#${picker.value}`);
  stop = (mode === "stream" ? stream : poll)(picker.value, { answer: take });
}

for (const symbol of await symbols()) {
  names.set(symbol.code, symbol.name);
  picker.add(new Option(`${symbol.code} · ${symbol.name}`, symbol.code));
}
if (names.has(location.hash.slice(1))) {
  picker.value = location.hash.slice(1);
}
find<HTMLFormElement>("controls").addEventListener("change", watch);
watch();
