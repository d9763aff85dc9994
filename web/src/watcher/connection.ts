import { randomId } from "../random";

// One message holds at most so many moves; the server refuses more.
const mostMoves = 256;
const mostWaiting = 20 * mostMoves;

export interface ConnectionHandlers {
  state(state: "connected" | "connecting", text: string): void;
  process(process: number): void;
  sent(moves: number): void;
}

/** The WebSocket to a worker. Comes back by itself, to whichever worker takes it; the visitor stays the same. */
export class Connection {
  private socket: WebSocket | null = null;
  private moves: number[] = [];
  private attempts = 0;
  private readonly visitor: string;

  constructor(private readonly handlers: ConnectionHandlers) {
    // A tab is a visitor; a reload keeps it.
    this.visitor = sessionStorage.getItem("watcher.visitor") ?? randomId();
    sessionStorage.setItem("watcher.visitor", this.visitor);
    this.open();
  }

  move(x: number, y: number): void {
    this.moves.push(x, y);
    this.moves = this.moves.slice(-2 * mostWaiting);
  }

  /** Sends what has been moved since the last time. */
  flush(): void {
    if (this.socket?.readyState !== WebSocket.OPEN || this.moves.length === 0) {
      return;
    }
    const part = this.moves.splice(0, 2 * mostMoves);
    const message = new DataView(new ArrayBuffer(2 * part.length));
    part.forEach((value, i) => message.setUint16(2 * i, value));
    this.socket.send(message.buffer);
    this.handlers.sent(part.length / 2);
  }

  private open(): void {
    const socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/watcher/moves?visitor=${this.visitor}`);
    this.socket = socket;
    socket.onmessage = (event) => {
      this.attempts = 0;
      this.handlers.state("connected", "Connected");
      this.handlers.process((JSON.parse(event.data as string) as { process: number }).process);
    };
    socket.onclose = (event) => {
      const wait = event.code === 1012 ? 50 * Math.random() : Math.min(10_000, 200 * 2 ** this.attempts++) * (0.5 + Math.random());
      this.handlers.state("connecting", event.reason ? `${event.reason} Reconnecting…` : "Disconnected. Reconnecting…");
      setTimeout(() => this.open(), wait);
    };
  }
}
