/** A small line of the last prices, drawn as SVG paths. */
export class Chart {
  private static readonly most = 180;
  private static readonly width = 600;
  private static readonly height = 160;
  private static readonly margin = 8;
  private prices: number[] = [];

  constructor(
    private readonly line: SVGPathElement,
    private readonly area: SVGPathElement,
  ) {}

  clear(): void {
    this.prices = [];
    this.draw();
  }

  add(price: number): void {
    this.prices.push(price);
    this.prices = this.prices.slice(-Chart.most);
    this.draw();
  }

  private draw(): void {
    if (this.prices.length < 2) {
      this.line.setAttribute("d", "");
      this.area.setAttribute("d", "");
      return;
    }
    const low = Math.min(...this.prices);
    const span = Math.max(...this.prices) - low || 1;
    const step = Chart.width / (this.prices.length - 1);
    const inner = Chart.height - 2 * Chart.margin;
    const points = this.prices.map((price, i) => `${(i * step).toFixed(1)},${(Chart.margin + inner * (1 - (price - low) / span)).toFixed(1)}`);
    this.line.setAttribute("d", `M${points.join("L")}`);
    this.area.setAttribute("d", `M0,${Chart.height}L${points.join("L")}L${Chart.width},${Chart.height}Z`);
  }
}
