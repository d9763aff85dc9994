import { Delta, type Op } from "quill";
import type { Doc } from "sharedb/lib/client";
import * as api from "./api";
import { Binding } from "./binding";
import { connect, type Health } from "./connection";
import { Cursors, type Present } from "./cursors";
import { ask } from "./dialogs";
import { button, element, find } from "./elements";
import { Past } from "./past";
import { anybody, People, type Person } from "./people";
import { viewer, writer } from "./quill";

const status = find("status");
const notice = find("trouble");
let name = decodeURIComponent(location.pathname.split("/").pop()!);
let health: Health = "connecting";

function trouble(text: string): void {
  notice.textContent = text;
  notice.hidden = text === "";
}

function title(current: string): void {
  name = current;
  find("title").textContent = current;
  document.title = `${current} · Starling`;
  history.replaceState(null, "", api.page(current));
  const formats: [string, string][] = [["html", "HTML"], ["md", "Markdown"], ["txt", "Plain text"]];
  find("exports").replaceChildren(
    ...formats.map(([format, label]) => {
      const item = element("li");
      const link = element("a", "", label);
      link.href = api.exported(current, format);
      link.download = "";
      item.append(link);
      return item;
    }),
  );
}

/** The visitor, who gets a name if they have none, and may change it. */
async function meet(): Promise<Person & { id: string }> {
  const known = await api.me();
  const person = known.name && known.color ? { name: known.name, color: known.color } : anybody();
  if (!known.name) {
    await api.setMe(person.name, person.color);
  }
  return { ...person, id: known.id };
}

function introduce(me: Person, changed: (person: Person) => void): void {
  const [field, color] = [find<HTMLInputElement>("me"), find<HTMLInputElement>("color")];
  field.value = me.name;
  color.value = me.color;
  field.disabled = color.disabled = false;
  const save = async () => {
    try {
      const saved = await api.setMe(field.value, color.value);
      changed({ name: saved.name!, color: saved.color! });
      trouble("");
    } catch (error) {
      trouble((error as Error).message);
    }
  };
  field.addEventListener("change", () => void save());
  color.addEventListener("change", () => void save());
}

function show(present: Present[]): void {
  find("people").replaceChildren(
    ...present.map((person) => {
      const item = element("li", "", [...person.name][0]?.toUpperCase() ?? "?");
      item.title = person.name;
      item.setAttribute("aria-label", person.name);
      item.style.background = person.color;
      return item;
    }),
  );
}

async function open(found: api.Found): Promise<void> {
  title(found.name);
  const me = await meet();
  const connection = connect((now) => {
    health = now;
    tell();
  });
  const doc = connection.get("editor", found.document) as Doc<{ ops: Op[] }>;
  const entry = connection.get("editor-entries", found.document) as Doc<api.Entry>;
  const quill = writer(find("editor"), trouble);
  quill.disable();

  let isOpen = false;
  const tell = () => {
    if (!isOpen) {
      // Nothing is saved that has not come yet.
      status.textContent = health === "connected" ? "Loading…" : "Connecting…";
      return;
    }
    const isSaved = !doc.hasWritePending();
    status.dataset["state"] = health;
    status.textContent = health === "connected" ? (isSaved ? "Saved" : "Saving…") : isSaved ? "Offline" : "Offline – your changes are kept and sent later";
  };
  doc.on("before op", tell);
  doc.on("op", () => setTimeout(tell));
  doc.on("nothing pending", tell);
  doc.on("error", (error) => trouble(error.message));
  addEventListener("beforeunload", (event) => doc.hasWritePending() && event.preventDefault());

  await new Promise<void>((resolve, reject) => doc.subscribe((error) => (error ? reject(error) : resolve())));
  entry.subscribe(() => entry.data && title(entry.data.name));
  entry.on("op", () => title(entry.data.name));
  const binding = new Binding(quill, doc, () => cursors.refresh());
  quill.enable();
  doc.on("del", () => {
    quill.disable();
    trouble("This document was deleted. What you see here is its last text.");
  });
  const cursors = new Cursors(quill, binding, connection, found.document, me.id, me, show);
  introduce(me, (person) => cursors.rename(person));
  isOpen = true;
  tell();

  const people = new People(connection, () => past.refresh());
  const past = new Past(viewer(find("viewer")), people, () => name, trouble);
  const toggle = (isShown: boolean) => {
    find("past").hidden = !isShown;
    find("writing").hidden = isShown;
    find("history").setAttribute("aria-pressed", String(isShown));
    if (isShown) {
      void past.load();
    }
  };
  find("history").addEventListener("click", () => toggle(find("past").hidden));
  let reload = 0;
  doc.on("op", () => {
    clearTimeout(reload);
    reload = window.setTimeout(() => find("past").hidden || past.load(), 500);
  });
  find("restore").addEventListener("click", () => {
    const contents = past.contents;
    if (contents) {
      quill.updateContents(quill.getContents().diff(new Delta(contents as Op[])), "user");
      toggle(false);
    }
  });
  find("rename").addEventListener("click", () =>
    ask({
      title: "Rename",
      action: "Rename",
      input: { label: "New name", value: name },
      run: async (to) => title((await api.rename(name, to)).name),
    }),
  );
}

try {
  await open(await api.find(name));
} catch (error) {
  find("title").textContent = name;
  find("writing").hidden = true;
  trouble((error as Error).message);
  if (error instanceof api.Refused && error.code === "unknown") {
    notice.append(" ", button("Create it", `Create ${name}`, () => void api.create(name).then(() => location.reload(), (problem: Error) => trouble(problem.message))));
  }
}
