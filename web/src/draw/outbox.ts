import type { Socket } from "socket.io-client";
import type { ClientEvents, ServerEvents } from "./messages";

export const BATCH_MS = 50;

interface Outgoing {
  stroke: string;
  color: string;
  width: number;
  points: number[];
  sent: number;
  acknowledged: number;
}

/**
 * Sends one's own strokes in batches, and again after a reconnect whatever the server has not acknowledged. Every part says where in its
 * stroke it belongs, so that the server takes each coordinate once.
 */
export class Outbox {
  private readonly strokes = new Map<string, Outgoing>();
  private timer: number | undefined;

  constructor(
    private readonly socket: Socket<ServerEvents, ClientEvents>,
    private readonly onRefused: (stroke: string, error: string) => void,
  ) {}

  begin(stroke: string, color: string, width: number): void {
    this.strokes.set(stroke, { stroke, color, width, points: [], sent: 0, acknowledged: 0 });
  }

  push(stroke: string, x: number, y: number): void {
    this.strokes.get(stroke)?.points.push(x, y);
    this.timer ??= window.setTimeout(() => this.flush(), BATCH_MS);
  }

  drop(): void {
    this.strokes.clear();
  }

  /** After a reconnect: everything that was not acknowledged goes out again. */
  resend(): void {
    for (const outgoing of this.strokes.values()) {
      outgoing.sent = outgoing.acknowledged;
    }
    this.flush();
  }

  /** The parts that the server may not have yet, to be shown on top of its picture. */
  *pending(): Iterable<{ stroke: string; color: string; width: number; from: number; points: number[] }> {
    for (const { stroke, color, width, points } of this.strokes.values()) {
      if (points.length > 0) {
        yield { stroke, color, width, from: 0, points };
      }
    }
  }

  flush(): void {
    window.clearTimeout(this.timer);
    this.timer = undefined;
    if (!this.socket.connected) {
      return;
    }
    for (const outgoing of this.strokes.values()) {
      while (outgoing.sent < outgoing.points.length) {
        this.send(outgoing, outgoing.points.slice(outgoing.sent, outgoing.sent + 1000));
      }
    }
  }

  private send(outgoing: Outgoing, points: number[]): void {
    const { stroke, color, width, sent: from } = outgoing;
    outgoing.sent += points.length;
    this.socket.emit("points", { stroke, color, width, from, points }, ({ error }) => {
      if (error) {
        this.strokes.delete(stroke);
        this.onRefused(stroke, error);
        return;
      }
      outgoing.acknowledged = Math.max(outgoing.acknowledged, from + points.length);
    });
  }

  /** Forgets strokes that are finished and acknowledged. */
  finish(stroke: string): void {
    this.flush();
    for (const [id, { points, acknowledged }] of this.strokes) {
      if (id !== stroke && acknowledged === points.length) {
        this.strokes.delete(id);
      }
    }
  }
}
