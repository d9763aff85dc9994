import type Quill from "quill";
import type QuillCursors from "quill-cursors";
import type { Connection } from "sharedb/lib/client";
import type { Binding } from "./binding";
import { randomId } from "../random";
import type { Person } from "./people";

interface Place extends Person {
  index: number;
  length: number;
  by: string;
  /** Whether its cursor is in the text. */
  focused: boolean;
}

export interface Present extends Person {
  by: string;
}

/** Shows where others are, and others where this one is. */
export class Cursors {
  private readonly cursors: QuillCursors;
  private readonly presence;
  private readonly own;
  private last = { index: 0, length: 0, focused: false };

  constructor(
    private readonly quill: Quill,
    private readonly binding: Binding,
    connection: Connection,
    document: string,
    private readonly by: string,
    private me: Person,
    private readonly changed: (people: Present[]) => void,
  ) {
    this.cursors = quill.getModule("cursors") as QuillCursors;
    this.presence = connection.getDocPresence("editor", document);
    this.presence.subscribe();
    this.presence.on("receive", (id: string, place: unknown) => this.receive(id, place));
    this.own = this.presence.create(randomId());
    quill.on("selection-change", (range) => {
      this.last = range ? { ...range, focused: true } : { ...this.last, focused: false };
      this.tell();
    });
    // Typing moves the cursor without a change of selection.
    quill.on("text-change", (_delta, _before, origin) => {
      const range = origin === "user" ? quill.getSelection() : null;
      if (range) {
        this.last = { ...range, focused: true };
        this.tell();
      }
    });
    this.tell();
    this.list();
  }

  rename(me: Person): void {
    this.me = me;
    this.tell();
    this.list();
  }

  /** Shows all cursors again, after the text has caught up with the document. */
  refresh(): void {
    Object.entries(this.presence.remotePresences as Record<string, unknown>).forEach(([id, place]) => this.receive(id, place));
    this.tell();
  }

  private tell(): void {
    const { index, length, focused } = this.last;
    const from = this.binding.toDocument(index);
    this.own.submit({ index: from, length: this.binding.toDocument(index + length) - from, focused, ...this.me, by: this.by } as never);
  }

  /** Others may send anything: what is not a place is passed over, since an exception here would stop the document. */
  private receive(id: string, place: unknown): void {
    // While a composition runs, places of others mean a text that is not shown yet; they come with refresh().
    if (!this.binding.isHolding) {
      this.show(id, isPlace(place, this.quill.getLength()) ? place : null);
    }
  }

  private show(id: string, place: Place | null): void {
    if (place?.focused) {
      this.cursors.createCursor(id, place.name, place.color);
      // A cursor keeps the name it was made with.
      const cursor = this.cursors.cursors().find((item) => item.id === id);
      if (cursor && (cursor.name !== place.name || cursor.color !== place.color)) {
        this.cursors.removeCursor(id);
        this.cursors.createCursor(id, place.name, place.color);
      }
      this.cursors.moveCursor(id, { index: place.index, length: place.length });
    } else {
      this.cursors.removeCursor(id);
    }
    this.list();
  }

  private list(): void {
    const places = Object.values(this.presence.remotePresences as Record<string, unknown>).filter((place) => isPlace(place, Infinity));
    const present = new Map<string, Present>([[this.by, { ...this.me, by: this.by }]]);
    places.forEach((place) => present.has(place.by) || present.set(place.by, place));
    this.changed([...present.values()]);
  }
}

function isPlace(value: unknown, length: number): value is Place {
  const place = value as Partial<Place> | null;
  const isCount = (number: unknown) => typeof number === "number" && Number.isInteger(number) && number >= 0 && number <= length;
  return (
    typeof place === "object" && place !== null && isCount(place.index) && isCount(place.length) && typeof place.focused === "boolean" &&
    typeof place.by === "string" && typeof place.name === "string" && place.name.length <= 40 && /^#[0-9a-f]{6}$/i.test(place.color ?? "")
  );
}
