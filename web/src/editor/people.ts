import type { Connection, Doc } from "sharedb/lib/client";

export interface Person {
  name: string;
  color: string;
}

const names = ["Wren", "Robin", "Finch", "Lark", "Swift", "Martin", "Heron", "Plover", "Dunlin", "Siskin"];
const colors = ["#b3261e", "#b35c00", "#7a6a00", "#1b7f4b", "#00777f", "#2457d6", "#5b3fd0", "#a1278f"];
const unknown: Person = { name: "Somebody", color: "#5b6575" };

const pick = <T>(list: readonly T[]) => list[Math.floor(Math.random() * list.length)]!;

/** Somebody who has not said who they are gets a name and a colour. */
export const anybody = (): Person => ({ name: pick(names), color: pick(colors) });

/** The names and colours of people by their ids; they change when people change them. */
export class People {
  private readonly docs = new Map<string, Doc<Person>>();

  constructor(
    private readonly connection: Connection,
    private readonly changed: () => void,
  ) {}

  get(id: string | null): Person {
    if (!id) {
      return unknown;
    }
    let doc = this.docs.get(id);
    if (!doc) {
      doc = this.connection.get("editor-people", id) as Doc<Person>;
      this.docs.set(id, doc);
      doc.on("op", () => this.changed());
      doc.on("create", () => this.changed());
      doc.subscribe(() => this.changed());
    }
    return doc.data ?? unknown;
  }
}
