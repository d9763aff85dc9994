import { EXTENT } from "./picture";
import type { Person, PointerView } from "./messages";

const SVG = "http://www.w3.org/2000/svg";
const HIDE_AFTER_MS = 5_000;

/** Other people's pointers over the board, with their names. Names are set as text, never as markup. */
export class Pointers {
  private readonly shown = new Map<string, { element: HTMLElement; timer: number }>();
  private people = new Map<string, Person>();

  constructor(private readonly layer: HTMLElement) {}

  setPeople(people: Person[]): void {
    this.people = new Map(people.map((person) => [person.author, person]));
    for (const author of this.shown.keys()) {
      if (!this.people.has(author)) {
        this.hide(author);
      }
    }
  }

  move({ author, x, y }: PointerView): void {
    const person = this.people.get(author);
    if (!person) {
      return;
    }
    let pointer = this.shown.get(author);
    if (!pointer) {
      pointer = { element: this.create(person), timer: 0 };
      this.shown.set(author, pointer);
      this.layer.append(pointer.element);
    }
    window.clearTimeout(pointer.timer);
    pointer.timer = window.setTimeout(() => this.hide(author), HIDE_AFTER_MS);
    const { clientWidth, clientHeight } = this.layer;
    pointer.element.style.transform = `translate(${(x / EXTENT) * clientWidth}px, ${(y / EXTENT) * clientHeight}px)`;
  }

  private create({ name, color }: Person): HTMLElement {
    const element = document.createElement("div");
    element.className = "pointer";
    const arrow = document.createElementNS(SVG, "svg");
    arrow.setAttribute("viewBox", "0 0 16 16");
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", "M1 1l5 14 2.5-5.5L14 7z");
    path.setAttribute("fill", color);
    path.setAttribute("stroke", "#ffffff");
    arrow.append(path);
    const label = document.createElement("span");
    label.textContent = name;
    label.style.background = color;
    element.append(arrow, label);
    return element;
  }

  private hide(author: string): void {
    const pointer = this.shown.get(author);
    window.clearTimeout(pointer?.timer);
    pointer?.element.remove();
    this.shown.delete(author);
  }
}
