import { Heartbeat, watchNetwork } from "../network";
import type { Answer, Question } from "./api";

// The most topics that fit into the address of one subscription; answers of older followed questions come with the next visit.
const maxTopics = 200;

export interface FeedHandlers {
  question(question: Question): void;
  answer(answer: Answer): void;
  /** Something may be missing: read the board anew. */
  reload(): void;
  state(state: "connected" | "connecting" | "offline"): void;
}

/** The event stream of new questions and of the answers to those that are followed. */
export class Feed {
  private source: EventSource | null = null;
  private lastEventId = "";
  private followed: number[] = [];

  constructor(private readonly handlers: FeedHandlers) {
    // An event stream that is cut without a word looks open for minutes, so the server is asked whether it is there.
    const heartbeat = new Heartbeat(
      () => {
        fetch("/healthz", { cache: "no-store" }).then(() => heartbeat.beat(), () => undefined);
        return this.source?.readyState === EventSource.OPEN;
      },
      () => this.restart(),
    );
    watchNetwork(
      () => {
        this.source?.close();
        this.handlers.state("offline");
      },
      () => this.restart(),
    );
  }

  private restart(): void {
    this.handlers.state("connecting");
    this.subscribe(this.followed);
  }

  /** Subscribes to other questions; goes on where the last subscription was, so that nothing is missed in between. */
  subscribe(followed: number[]): void {
    this.followed = followed;
    this.source?.close();
    const query = new URLSearchParams([["match", "/questions/all"]]);
    followed
      .sort((a, b) => b - a)
      .slice(0, maxTopics)
      .forEach((id) => query.append("match", `/questions/${id}`));
    const isFirst = this.lastEventId === "";
    if (!isFirst) {
      query.set("last_event_id", this.lastEventId);
    }
    const source = new EventSource(`/.well-known/mercure?${query}`);
    this.source = source;
    let opened = false;
    source.onopen = () => {
      this.handlers.state("connected");
      // Before the first event there is no position to go on from.
      if (isFirst && (!opened || this.lastEventId === "")) {
        this.handlers.reload();
      }
      opened = true;
    };
    source.onerror = () => {
      this.handlers.state("connecting");
      if (source.readyState === EventSource.CLOSED) {
        setTimeout(() => source === this.source && this.subscribe(followed), 2000);
      }
    };
    source.onmessage = (event) => {
      this.lastEventId = event.lastEventId;
      const news = JSON.parse(event.data) as Question | Answer;
      if ("question" in news) {
        this.handlers.answer(news);
      } else {
        this.handlers.question(news);
      }
    };
    source.addEventListener("mercure", () => this.handlers.reload());
  }
}
