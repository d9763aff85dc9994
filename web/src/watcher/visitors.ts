import type { Visitor } from "./api";
import { colour, ink, prepare } from "./canvas";
import { fading, Trail } from "./trail";

interface Shown {
  visitor: Visitor;
  trail: Trail;
  row: HTMLLIElement;
  text: HTMLSpanElement;
}

const clock = (time: string) => new Date(time).toLocaleTimeString();

/** Who is here: the list, and the paths. */
export class Visitors {
  private readonly shown = new Map<number, Shown>();

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly list: HTMLElement,
  ) {}

  get count(): number {
    return this.shown.size;
  }

  clear(): void {
    this.shown.clear();
    this.list.replaceChildren();
  }

  put(visitor: Visitor): void {
    const known = this.shown.get(visitor.number) ?? this.add(visitor);
    known.visitor = visitor;
    if (visitor.trail) {
      // When it was moved is not known of a path that was there before.
      known.trail.add(visitor.trail, performance.now() - fading / 2, performance.now());
    }
    this.describe(known);
  }

  remove(number: number): void {
    this.shown.get(number)?.row.remove();
    this.shown.delete(number);
  }

  move(number: number, coordinates: number[]): void {
    const known = this.shown.get(number);
    if (known) {
      known.trail.add(coordinates, performance.now() - 100, performance.now());
      known.visitor.movedAt = new Date().toISOString();
    }
  }

  /** Writes what changes with every move; less often than they come. */
  describeAll(): void {
    this.shown.forEach((known) => this.describe(known));
  }

  draw(): void {
    const { context, width, height } = prepare(this.canvas);
    const now = performance.now();
    const label = ink("--ink");
    context.font = "12px system-ui, sans-serif";
    for (const { visitor, trail } of this.shown.values()) {
      context.strokeStyle = context.fillStyle = Visitors.colourOf(visitor);
      const place = trail.draw(context, width, height, now);
      if (!place) {
        continue;
      }
      context.globalAlpha = visitor.isHere ? 1 : 0.35;
      context.beginPath();
      context.arc(place.x, place.y, 5, 0, 2 * Math.PI);
      context.fill();
      context.fillStyle = label;
      const isLeft = place.x > width - 90;
      context.textAlign = isLeft ? "right" : "left";
      context.fillText(visitor.name, place.x + (isLeft ? -9 : 9), Math.max(12, place.y - 6));
      context.globalAlpha = 1;
    }
  }

  private static colourOf(visitor: Visitor): string {
    return colour(parseInt(visitor.name.slice(-4), 16));
  }

  private add(visitor: Visitor): Shown {
    const [row, mark, name, text] = [document.createElement("li"), document.createElement("i"), document.createElement("strong"), document.createElement("span")];
    mark.className = "mark";
    name.textContent = visitor.name;
    row.append(mark, name, text);
    this.list.append(row);
    const added = { visitor, trail: new Trail(), row, text };
    this.shown.set(visitor.number, added);
    return added;
  }

  private describe({ visitor, row, text }: Shown): void {
    row.dataset["here"] = String(visitor.isHere);
    row.style.setProperty("--colour", Visitors.colourOf(visitor));
    const moved = visitor.movedAt ? `moved ${clock(visitor.movedAt)}` : "has not moved";
    text.textContent = `arrived ${clock(visitor.arrivedAt)} · ${moved} · ${visitor.isHere ? `worker ${visitor.worker}, process ${visitor.pid}` : "connection lost"}`;
  }
}
