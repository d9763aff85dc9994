import type { Socket } from "socket.io-client";
import type { ClientEvents, Reply, ServerEvents } from "./messages";

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
 * Sends one's own strokes in batches, and what one takes back after them; after a reconnect everything that the server has not acknowledged
 * goes out again. Every part says where in its stroke it belongs, so that the server takes each coordinate once.
 */
export class Outbox {
  private readonly strokes = new Map<string, Outgoing>();
  private readonly undone = new Set<string>();
  private timer: number | undefined;

  constructor(
    private readonly socket: Socket<ServerEvents, ClientEvents>,
    private readonly onRefused: (stroke: string, error: string) => void,
    private readonly onRetry: (error: string) => void,
  ) {}

  /** Whether something is not acknowledged yet. */
  get isEmpty(): boolean {
    return this.undone.size === 0 && [...this.strokes.values()].every(({ points, acknowledged }) => points.length === acknowledged);
  }

  begin(stroke: string, color: string, width: number): void {
    this.strokes.set(stroke, { stroke, color, width, points: [], sent: 0, acknowledged: 0 });
  }

  push(stroke: string, x: number, y: number): void {
    this.strokes.get(stroke)?.points.push(x, y);
    this.timer ??= window.setTimeout(() => this.flush(), BATCH_MS);
  }

  /** Takes a stroke back. One that never left is forgotten; one that did is taken back at the server, after all of it has arrived. */
  undo(stroke: string): void {
    this.flush();
    const outgoing = this.strokes.get(stroke);
    if (outgoing?.sent === 0) {
      this.strokes.delete(stroke);
      return;
    }
    this.undone.add(stroke);
    if (this.socket.connected) {
      this.sendUndo(stroke);
    }
  }

  /** The board was cleared: what the server had of a stroke is gone, what has not left yet is still to come. */
  cleared(): void {
    for (const [id, { sent }] of this.strokes) {
      if (sent > 0) {
        this.strokes.delete(id);
      }
    }
    this.undone.clear();
  }

  forget(stroke: string): void {
    this.strokes.delete(stroke);
    this.undone.delete(stroke);
  }

  /** After a reconnect: everything that was not acknowledged goes out again. */
  resend(): void {
    for (const outgoing of this.strokes.values()) {
      outgoing.sent = outgoing.acknowledged;
    }
    this.flush();
    this.undone.forEach((stroke) => this.sendUndo(stroke));
  }

  /** Whether the client has taken this stroke back. */
  isUndone(stroke: string): boolean {
    return this.undone.has(stroke);
  }

  /** The parts that the server may not have yet, to be shown on top of its picture. */
  *pending(): Iterable<{ stroke: string; color: string; width: number; from: number; points: number[] }> {
    for (const { stroke, color, width, points } of this.strokes.values()) {
      if (points.length > 0 && !this.undone.has(stroke)) {
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
    this.socket.emit("points", { stroke, color, width, from, points }, (reply) => {
      if (this.isDone(reply, () => this.forget(stroke), stroke)) {
        outgoing.acknowledged = Math.max(outgoing.acknowledged, from + points.length);
      }
    });
  }

  private sendUndo(stroke: string): void {
    this.socket.emit("undo", { id: stroke }, (reply) => {
      if (this.isDone(reply, () => this.undone.delete(stroke), stroke)) {
        this.forget(stroke);
      }
    });
  }

  private isDone({ error, retry }: Reply, refuse: () => void, stroke: string): boolean {
    if (retry) {
      this.onRetry(error ?? "");
    } else if (error) {
      refuse();
      this.onRefused(stroke, error);
    }
    return !error;
  }

  /** Forgets strokes that are finished and acknowledged. */
  finish(stroke: string): void {
    this.flush();
    for (const [id, { points, acknowledged }] of this.strokes) {
      if (id !== stroke && acknowledged === points.length && !this.undone.has(id)) {
        this.strokes.delete(id);
      }
    }
  }
}
