import type { StrokeView } from "./messages";

export const EXTENT = 10_000;

export interface Stroke {
  id: string;
  author: string;
  color: string;
  width: number;
  points: number[];
}

/** The picture: all strokes in their order, and the canvas that shows them. */
export class Picture {
  private readonly strokes = new Map<string, Stroke>();
  private readonly context: CanvasRenderingContext2D;
  private settling: number | undefined;

  constructor(private readonly canvas: HTMLCanvasElement) {
    this.context = canvas.getContext("2d", { alpha: true })!;
    new ResizeObserver(() => this.fit()).observe(canvas);
    this.fit();
  }

  get(id: string): Stroke | undefined {
    return this.strokes.get(id);
  }

  /** The author's last stroke. */
  last(author: string): Stroke | undefined {
    return [...this.strokes.values()].findLast((stroke) => stroke.author === author);
  }

  /** Replaces everything by what the server has. */
  replace(strokes: StrokeView[]): void {
    this.strokes.clear();
    for (const { stroke, author, color, width, points } of strokes) {
      this.strokes.set(stroke, { id: stroke, author, color, width, points: [...points] });
    }
    this.redraw();
  }

  /** Adds a part of a stroke; what is there already is passed over, so that a part may come twice. */
  add(part: StrokeView): void {
    let stroke = this.strokes.get(part.stroke);
    if (!stroke) {
      stroke = { id: part.stroke, author: part.author, color: part.color, width: part.width, points: [] };
      this.strokes.set(part.stroke, stroke);
    }
    const fresh = part.points.slice(Math.max(0, stroke.points.length - part.from));
    const drawFrom = Math.max(0, stroke.points.length - 4);
    stroke.points.push(...fresh);
    this.draw(stroke, drawFrom);
    // Parts overlap, which thickens their soft edges; once drawing pauses the picture is drawn anew, each stroke in one piece.
    window.clearTimeout(this.settling);
    this.settling = window.setTimeout(() => this.redraw(), 200);
  }

  remove(id: string): void {
    if (this.strokes.delete(id)) {
      this.redraw();
    }
  }

  clear(): void {
    this.strokes.clear();
    this.redraw();
  }

  private fit(): void {
    const { clientWidth, clientHeight } = this.canvas;
    const scale = window.devicePixelRatio || 1;
    this.canvas.width = Math.max(1, Math.round(clientWidth * scale));
    this.canvas.height = Math.max(1, Math.round(clientHeight * scale));
    this.redraw();
  }

  private redraw(): void {
    this.context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    for (const stroke of this.strokes.values()) {
      this.draw(stroke, 0);
    }
  }

  /** Draws a stroke from one of its coordinates on, smoothed by curves through the middles of its segments. */
  private draw(stroke: Stroke, from: number): void {
    const { points, color, width } = stroke;
    const sx = this.canvas.width / EXTENT;
    const sy = this.canvas.height / EXTENT;
    const x = (i: number) => points[i]! * sx;
    const y = (i: number) => points[i + 1]! * sy;
    const c = this.context;
    c.strokeStyle = c.fillStyle = color;
    c.lineWidth = (width * this.canvas.width) / 1000;
    c.lineCap = c.lineJoin = "round";
    if (points.length === 2) {
      c.beginPath();
      c.arc(x(0), y(0), c.lineWidth / 2, 0, Math.PI * 2);
      c.fill();
      return;
    }
    c.beginPath();
    c.moveTo(x(from), y(from));
    for (let i = from + 2; i < points.length - 2; i += 2) {
      c.quadraticCurveTo(x(i), y(i), (x(i) + x(i + 2)) / 2, (y(i) + y(i + 2)) / 2);
    }
    c.lineTo(x(points.length - 2), y(points.length - 2));
    c.stroke();
  }
}
