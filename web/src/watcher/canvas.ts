/** Makes a canvas as sharp as the screen, and returns its context with CSS pixels as units, and its size in them. */
export function prepare(canvas: HTMLCanvasElement): { context: CanvasRenderingContext2D; width: number; height: number } {
  const ratio = window.devicePixelRatio || 1;
  const { clientWidth: width, clientHeight: height } = canvas;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const context = canvas.getContext("2d")!;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}

const dark = matchMedia("(prefers-color-scheme: dark)");

/** A colour that is told from its neighbours and can be seen in both schemes. */
export function colour(index: number): string {
  return `hsl(${Math.round((index * 137.5 + 215) % 360)} 70% ${dark.matches ? 68 : 42}%)`;
}

const inks = new Map<string, string>();
dark.addEventListener("change", () => inks.clear());

/** The value of one of the page's colours. */
export function ink(name: string): string {
  const known = inks.get(name);
  if (known) {
    return known;
  }
  const probe = document.createElement("i");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  inks.set(name, value);
  return value;
}
