import { randomId } from "../random";

const COLORS = ["#1d2430", "#d7263d", "#f46036", "#f5b700", "#1b998b", "#2457d6", "#7b2d8b"];
const NAMES = ["Wren", "Robin", "Finch", "Lark", "Swift", "Martin", "Heron", "Plover", "Dunlin", "Siskin"];

/** What a person has chosen, kept in this browser, and the secret by which the server knows this client again. */
export class Settings {
  readonly key = this.load("draw.key", () => randomId());

  get name(): string {
    return this.load("draw.name", () => NAMES[Math.floor(Math.random() * NAMES.length)]!);
  }

  set name(value: string) {
    localStorage.setItem("draw.name", value);
  }

  get color(): string {
    return this.load("draw.color", () => COLORS[Math.floor(Math.random() * COLORS.length)]!);
  }

  set color(value: string) {
    localStorage.setItem("draw.color", value);
  }

  get colors(): readonly string[] {
    return COLORS;
  }

  private load(key: string, initial: () => string): string {
    const stored = localStorage.getItem(key);
    if (stored) {
      return stored;
    }
    const value = initial();
    localStorage.setItem(key, value);
    return value;
  }
}
