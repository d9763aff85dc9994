import { state, type Activity, type State, type VisitEvent } from "./api";

export interface FeedHandlers {
  /** All there is, before what is new. */
  state(state: State): void;
  visit(event: VisitEvent): void;
  moves(moves: number[][]): void;
  activity(activity: Activity): void;
  connected(): void;
  disconnected(): void;
  signedOut(): void;
}

/** The event stream. Each connection begins with all there is, so that nothing is missing after a break, nor after a restart of the server. */
export class Feed {
  private source: EventSource | null = null;
  private attempts = 0;

  constructor(private readonly handlers: FeedHandlers) {}

  open(): void {
    this.close();
    const source = new EventSource("/.well-known/mercure?match=%2Fwatcher");
    this.source = source;

    // What comes before all there is has been read waits for it.
    let waiting: (() => void)[] | null = [];
    const take = (action: () => void) => (waiting ? waiting.push(action) : action());
    source.addEventListener("visit", (event) => take(() => this.handlers.visit(JSON.parse(event.data as string) as VisitEvent)));
    source.addEventListener("moves", (event) => take(() => this.handlers.moves(JSON.parse(event.data as string) as number[][])));
    source.addEventListener("activity", (event) => take(() => this.handlers.activity(JSON.parse(event.data as string) as Activity)));
    source.onopen = () => void this.load(source, () => {
      const actions = waiting ?? [];
      waiting = null;
      actions.forEach((action) => action());
    });
    source.onerror = () => void this.retry(source);
  }

  close(): void {
    this.source?.close();
    this.source = null;
  }

  private async load(source: EventSource, then: () => void): Promise<void> {
    try {
      const loaded = await state();
      if (source !== this.source) {
        return;
      }
      if (loaded === null) {
        this.end();
        return;
      }
      this.attempts = 0;
      this.handlers.state(loaded);
      this.handlers.connected();
      then();
    } catch {
      await this.retry(source);
    }
  }

  /** A stream that is refused does not say why, so the reason is asked for. */
  private async retry(source: EventSource): Promise<void> {
    if (source !== this.source) {
      return;
    }
    this.close();
    const isSignedOut = await state().then(
      (loaded) => loaded === null,
      () => false,
    );
    if (isSignedOut) {
      this.end();
      return;
    }
    this.handlers.disconnected();
    setTimeout(() => this.source ?? this.open(), Math.min(5000, 250 * 2 ** this.attempts++));
  }

  private end(): void {
    this.close();
    this.handlers.signedOut();
  }
}
