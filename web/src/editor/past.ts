import type Quill from "quill";
import * as api from "./api";
import { element, find, time } from "./elements";
import type { People } from "./people";

const slider = find<HTMLInputElement>("version");
const list = find<HTMLOListElement>("changes");
const moment = find<HTMLOutputElement>("moment");
const style = document.head.appendChild(element("style"));

/** The history of a document: a slider over its versions, and who wrote what. */
export class Past {
  private changes: api.Change[] = [];
  private shown: api.Version | null = null;
  private wanted = 0;

  constructor(
    private readonly viewer: Quill,
    private readonly people: People,
    private readonly name: () => string,
    private readonly trouble: (text: string) => void,
  ) {
    slider.addEventListener("input", () => void this.show(slider.valueAsNumber));
  }

  /** The version that is shown, without who wrote it. */
  get contents(): api.Op[] | null {
    return (
      this.shown?.contents.ops.map(({ attributes, ...op }) => {
        const { author: _, ...formats } = attributes ?? {};
        return Object.keys(formats).length > 0 ? { ...op, attributes: formats } : op;
      }) ?? null
    );
  }

  /** Reads the history anew; shows the newest version if that was shown before, or none was. */
  async load(): Promise<void> {
    const wasNewest = this.shown === null || slider.value === slider.max;
    try {
      const history = await api.changes(this.name());
      this.changes = history.changes;
      slider.max = String(history.version);
      if (wasNewest) {
        slider.value = slider.max;
        await this.show(history.version);
      }
      this.list();
    } catch (error) {
      this.trouble((error as Error).message);
    }
  }

  /** Shows names and colours as they are now. */
  refresh(): void {
    if (this.shown) {
      this.paint();
      this.list();
    }
  }

  private async show(number: number): Promise<void> {
    // Of many that were asked for while the slider moved only the last one counts.
    this.wanted = number;
    try {
      const version = await api.version(this.name(), number);
      if (this.wanted === number) {
        this.shown = version;
        this.viewer.setContents(version.contents.ops as never, "api");
        this.paint();
      }
    } catch (error) {
      this.trouble((error as Error).message);
    }
  }

  private paint(): void {
    const { version, at, by, contents } = this.shown!;
    moment.replaceChildren(`${version} of ${slider.max} · ${this.people.get(by).name} · `, time(at));
    moment.dataset["version"] = String(version);
    const authors = new Set(contents.ops.map((op) => op.attributes?.["author"]).filter((author) => typeof author === "string"));
    style.textContent = [...authors]
      .map((author) => {
        const { color } = this.people.get(author);
        return `[data-author="${CSS.escape(author)}"]{box-shadow:inset 0 -0.55em color-mix(in srgb, ${color} 25%, transparent)}`;
      })
      .join("\n");
    list.querySelectorAll("[aria-current]").forEach((item) => item.removeAttribute("aria-current"));
    list.querySelector(`[data-from="${this.changes.findLast((change) => change.from < version)?.from}"]`)?.setAttribute("aria-current", "true");
  }

  private list(): void {
    list.replaceChildren(
      ...this.changes.toReversed().map((change) => {
        const person = this.people.get(change.by);
        const item = element("li");
        const go = element("button", "change");
        go.type = "button";
        go.dataset["from"] = String(change.from);
        go.style.setProperty("--person", person.color);
        go.append(element("strong", "", person.name), time(change.at));
        go.addEventListener("click", () => {
          slider.value = String(change.to);
          void this.show(change.to);
        });
        item.append(go);
        return item;
      }),
    );
    if (this.shown) {
      this.paint();
    }
  }
}
