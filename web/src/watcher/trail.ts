/** How long a path is seen, in milliseconds. */
export const fading = 20_000;

const most = 600;

/** A pointer's path on a page; places are 0 to 65,535 of the page's width and height. Older parts fade. */
export class Trail {
  private points: { x: number; y: number; at: number }[] = [];

  /** Adds places, x and y in turn, that were passed within the time given. */
  add(coordinates: number[], from: number, to: number): void {
    const count = coordinates.length / 2;
    for (let i = 0; i < count; i++) {
      this.points.push({ x: coordinates[2 * i]!, y: coordinates[2 * i + 1]!, at: from + ((to - from) * (i + 1)) / count });
    }
    this.points = this.points.slice(-most);
  }

  draw(context: CanvasRenderingContext2D, width: number, height: number, now: number): { x: number; y: number } | null {
    const place = (point: { x: number; y: number }) => ({ x: (point.x / 65535) * width, y: (point.y / 65535) * height });
    context.lineWidth = 3;
    context.lineCap = "butt";
    for (let i = 1; i < this.points.length; i++) {
      const point = this.points[i]!;
      const left = 1 - (now - point.at) / fading;
      if (left <= 0) {
        continue;
      }
      const [from, to] = [place(this.points[i - 1]!), place(point)];
      context.globalAlpha = left;
      context.beginPath();
      context.moveTo(from.x, from.y);
      context.lineTo(to.x, to.y);
      context.stroke();
    }
    context.globalAlpha = 1;
    const last = this.points.at(-1);
    return last ? place(last) : null;
  }
}
