import type { Activity } from "./api";
import { colour, ink, prepare } from "./canvas";

const seconds = 120;

/** The chart of moves per second: all of them as an area, each worker's as a line. */
export class ActivityChart {
  private readonly past = new Map<number, Activity>();

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly rate: HTMLElement,
    private readonly legend: HTMLElement,
  ) {}

  /** Adds a second. What a former master told stays until it is too old to be shown. */
  add(activity: Activity): void {
    this.past.set(activity.second, activity);
    [...this.past.keys()].filter((second) => second <= this.last() - seconds).forEach((second) => this.past.delete(second));
  }

  show(): void {
    const now = this.past.get(this.last());
    this.rate.textContent = String(now?.total ?? 0);
    this.legend.replaceChildren(
      ...this.workers().map((worker) => {
        const item = document.createElement("li");
        item.style.setProperty("--colour", colour(worker));
        item.textContent = `Worker ${worker}: ${now?.workers[worker] ?? "silent"}`;
        return item;
      }),
    );
    this.draw();
  }

  draw(): void {
    const { context, width, height } = prepare(this.canvas);
    const [top, bottom, left] = [8, height - 20, 34];
    const most = Math.max(10, ...[...this.past.values()].map((activity) => activity.total));
    const first = this.last() - seconds + 1;
    const x = (second: number) => left + ((second - first) / (seconds - 1)) * (width - left - 4);
    const y = (value: number) => bottom - (value / most) * (bottom - top);
    const [muted, line, accent] = [ink("--muted"), ink("--line"), ink("--accent")];

    context.font = "12px system-ui, sans-serif";
    context.lineWidth = 1;
    context.textBaseline = "middle";
    for (const value of [0, Math.round(most / 2), most]) {
      context.strokeStyle = line;
      context.beginPath();
      context.moveTo(left, y(value));
      context.lineTo(width, y(value));
      context.stroke();
      context.fillStyle = muted;
      context.textAlign = "right";
      context.fillText(String(value), left - 6, y(value));
    }
    context.textAlign = "left";
    context.fillText("2 min ago", left, height - 7);
    context.textAlign = "right";
    context.fillText("now", width - 2, height - 7);

    const known = [...this.past.values()].sort((a, b) => a.second - b.second);
    this.path(context, known, (activity) => activity.total, x, y);
    const [begin, end] = [known[0], known.at(-1)];
    if (begin && end) {
      context.lineTo(x(end.second), bottom);
      context.lineTo(x(begin.second), bottom);
      context.fillStyle = accent;
      context.globalAlpha = 0.18;
      context.fill();
      context.globalAlpha = 1;
    }
    context.lineWidth = 2;
    for (const worker of this.workers()) {
      context.strokeStyle = colour(worker);
      this.path(context, known, (activity) => activity.workers[worker], x, y);
      context.stroke();
    }
  }

  /** A line with gaps where nothing is known. */
  private path(
    context: CanvasRenderingContext2D,
    known: Activity[],
    value: (activity: Activity) => number | undefined,
    x: (second: number) => number,
    y: (value: number) => number,
  ): void {
    context.beginPath();
    let isDown = false;
    for (const activity of known) {
      const current = value(activity);
      if (current === undefined) {
        isDown = false;
      } else if (isDown) {
        context.lineTo(x(activity.second), y(current));
      } else {
        context.moveTo(x(activity.second), y(current));
        isDown = true;
      }
    }
  }

  private last(): number {
    return Math.max(0, ...this.past.keys());
  }

  private workers(): number[] {
    return [...new Set([...this.past.values()].flatMap((activity) => Object.keys(activity.workers).map(Number)))].sort((a, b) => a - b);
  }
}
