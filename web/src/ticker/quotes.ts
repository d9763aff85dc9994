/** The ticker's API and the two ways to follow a symbol. */
export interface Quote {
  symbol: string;
  last: number;
  previousClose: number;
  bid: number;
  ask: number;
  high: number;
  low: number;
  volume: number;
  time: string;
  change: number;
  changePercent: number;
}

export interface QuoteAnswer {
  quote?: Quote;
  error?: string;
  callIn: number | null;
}

export interface Watcher {
  answer(answer: QuoteAnswer): void;
}

export type Stop = () => void;

const unreachable = "The server cannot be reached.";
const firstRetry = 1000;
const longestRetry = 30_000;

export async function symbols(): Promise<{ code: string; name: string }[]> {
  const response = await fetch("/ticker/api/symbols");
  return ((await response.json()) as { symbols: { code: string; name: string }[] }).symbols;
}

/** Asks again and again, whenever the server advises; longer and longer while there is no server to advise. */
export function poll(symbol: string, watcher: Watcher): Stop {
  let timer = 0;
  let failures = 0;
  let stopped = false;
  const ask = async () => {
    let answer: QuoteAnswer;
    try {
      const response = await fetch(`/ticker/api/quote?symbol=${encodeURIComponent(symbol)}`);
      answer = (await response.json()) as QuoteAnswer;
      failures = 0;
    } catch {
      answer = { error: unreachable, callIn: Math.min(longestRetry, firstRetry * 2 ** failures++) };
    }
    if (stopped) {
      return;
    }
    watcher.answer(answer);
    if (answer.callIn !== null) {
      timer = window.setTimeout(() => void ask(), answer.callIn);
    }
  };
  void ask();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

/** Follows the symbol's topic. */
export function stream(symbol: string, watcher: Watcher): Stop {
  const source = new EventSource(`/.well-known/mercure?match=${encodeURIComponent(`/ticker/${symbol}`)}`);
  const take = (event: MessageEvent<string>) => watcher.answer(JSON.parse(event.data) as QuoteAnswer);
  source.onmessage = take;
  source.addEventListener("failure", take);
  source.onerror = () => watcher.answer({ error: unreachable, callIn: null });
  return () => source.close();
}
