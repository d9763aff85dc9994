import type { Doc } from "sharedb/lib/client";
import * as api from "./api";
import { connect } from "./connection";
import { ask } from "./dialogs";
import { button, element, find, time } from "./elements";
import { People } from "./people";

const list = find<HTMLUListElement>("list");
const name = find<HTMLInputElement>("name");
const status = find("status");
const rows = new Map<string, HTMLLIElement>();

// The visitor's cookie comes with this answer, so that it is there before the connection is made.
await api.me().catch(() => null);

const connection = connect((health) => {
  status.dataset["state"] = health;
  status.textContent = health === "connected" ? "Live" : "Connecting…";
});
const people = new People(connection, () => show());
const query = connection.createSubscribeQuery<api.Entry>("editor-entries", { sort: [["editedAt", -1]], limit: 500 });
const watched = new WeakSet<Doc>();

function show(): void {
  const shown = query.results.filter((doc) => doc.data).map((doc) => row(doc));
  rows.forEach((item, id) => shown.includes(item) || (item.remove(), rows.delete(id)));
  shown.forEach((item, index) => list.children[index] === item || list.insertBefore(item, list.children[index] ?? null));
  find("empty").hidden = shown.length > 0 || !query.ready;
}

function row(doc: Doc<api.Entry>): HTMLLIElement {
  if (!watched.has(doc)) {
    watched.add(doc);
    doc.on("op", () => show());
  }
  const known = rows.get(doc.id);
  const item = known ?? element("li", "card entry");
  const { name: title, editedAt, editedBy } = doc.data;
  const signature = JSON.stringify([title, editedAt, people.get(editedBy)]);
  if (item.dataset["signature"] !== signature) {
    item.dataset["signature"] = signature;
    const link = element("a", "name", title);
    link.href = api.page(title);
    const edited = element("p", "edited", "Edited ");
    edited.append(time(editedAt), ` by ${people.get(editedBy).name}`);
    const actions = element("div", "actions");
    actions.append(
      button("Rename", `Rename ${title}`, () => rename(title)),
      button("Delete", `Delete ${title}`, () => remove(title)),
    );
    item.replaceChildren(link, edited, actions);
  }
  rows.set(doc.id, item);
  return item;
}

function rename(title: string): void {
  ask({
    title: `Rename ${title}`,
    action: "Rename",
    input: { label: "New name", value: title },
    run: async (to) => void (await api.rename(title, to)),
  });
}

function remove(title: string): void {
  ask({
    title: `Delete ${title} for everybody?`,
    action: "Delete",
    run: async () => void (await api.remove(title)),
  });
}

for (const event of ["ready", "insert", "move", "remove", "changed"] as const) {
  query.on(event, () => show());
}
query.on("error", (error) => (find("create-error").textContent = error.message));

function create(): void {
  find("create-error").textContent = "";
  api
    .create(name.value)
    .then((created) => location.assign(api.page(created.name)))
    .catch((error: Error) => (find("create-error").textContent = error.message));
}

find("create").addEventListener("submit", (event) => {
  event.preventDefault();
  create();
});
// A form that was sent before this script was ready comes back with the name in the address.
const early = new URLSearchParams(location.search).get("name");
if (early !== null && document.referrer.startsWith(`${location.origin}/editor/`)) {
  history.replaceState(null, "", location.pathname);
  name.value = early;
  create();
}
