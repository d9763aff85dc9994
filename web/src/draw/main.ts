import { io, type Socket } from "socket.io-client";
import type { Clear, ClientEvents, Person, ServerEvents } from "./messages";
import { BATCH_MS, Outbox } from "./outbox";
import { EXTENT, Picture } from "./picture";
import { Pointers } from "./pointers";
import { randomId } from "../random";
import { Settings } from "./settings";

function element<T extends HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}

const settings = new Settings();
const board = new URLSearchParams(location.search).get("board")?.slice(0, 64) || "main";
const socket: Socket<ServerEvents, ClientEvents> = io("/draw", { transports: ["websocket", "polling"] });
const canvas = element<HTMLCanvasElement>("picture");
const picture = new Picture(canvas);
const pointers = new Pointers(element("pointers"));
const status = element("status");
let author = "";
let drawing: string | undefined;
let pointerSentAt = 0;

const outbox = new Outbox(
  socket,
  (stroke, error) => {
    picture.remove(stroke);
    drawing = drawing === stroke ? undefined : drawing;
    show("refused", error);
  },
  (error) => show("refused", error),
);

function show(state: string, text: string): void {
  status.dataset.state = state;
  status.textContent = text;
}

function showPeople(people: Person[]): void {
  pointers.setPeople(people);
  element("people").replaceChildren(
    ...people.map((person) => {
      const item = document.createElement("li");
      item.textContent = person.author === author ? `${person.name} (you)` : person.name;
      item.style.setProperty("--person", person.color);
      return item;
    }),
  );
}

// Changes that come while the picture is on its way, in order; null while the picture is here.
let waiting: (() => void)[] | null = [];
// The number of the last change that the picture has.
let changes = 0;

function join(): void {
  waiting ??= [];
  socket.emit("join", { board, key: settings.key, name: settings.name, color: settings.color }, (reply) => {
    if (reply.error) {
      show("refused", reply.error);
      return;
    }
    author = reply.author;
    changes = reply.at;
    picture.replace(reply.strokes.filter(({ stroke }) => !outbox.isUndone(stroke)));
    for (const part of outbox.pending()) {
      picture.add({ ...part, author });
    }
    const came = waiting ?? [];
    waiting = null;
    came.forEach((change) => change());
    offer(reply.cleared);
    showPeople(reply.people);
    show("online", "Online");
    outbox.resend();
  });
}

/** Takes a change of the board once and in order. */
function change(at: number, apply: () => void): void {
  const take = () => {
    if (at > changes) {
      changes = at;
      apply();
    }
  };
  if (waiting) {
    waiting.push(take);
  } else {
    take();
  }
}

let offered: number | undefined;

/** Offers to bring back what was cleared, as long as that is possible. */
function offer(clear: Clear | null): void {
  window.clearTimeout(offered);
  const left = clear ? Date.parse(clear.until) - Date.now() : 0;
  const bar = element("cleared");
  bar.hidden = left <= 0;
  if (clear && left > 0) {
    element("cleared-by").textContent = `${clear.by} cleared the board.`;
    element("restore").onclick = () =>
      socket.emit("restore", { id: clear.id }, ({ error }) => (error ? show("refused", error) : offer(null)));
    offered = window.setTimeout(() => offer(null), Math.min(left, 2 ** 31 - 1));
  }
}

socket.on("connect", join);
socket.on("disconnect", () => show("offline", "Offline; your strokes are kept and sent later"));
socket.on("connect_error", () => show("offline", "The server cannot be reached; trying again"));
socket.on("reload", join);
socket.on("points", (part, at) => change(at, () => picture.add(part)));
socket.on("remove", (stroke, at) =>
  change(at, () => {
    outbox.forget(stroke);
    picture.remove(stroke);
  }),
);
socket.on("clear", (clear, at) =>
  change(at, () => {
    outbox.cleared();
    drawing = undefined;
    picture.clear();
    for (const part of outbox.pending()) {
      picture.add({ ...part, author });
    }
    offer(clear);
  }),
);
socket.on("pointer", (pointer) => pointers.move(pointer));
socket.on("people", showPeople);

function position(event: PointerEvent): { x: number; y: number } {
  const box = canvas.getBoundingClientRect();
  const clamp = (value: number) => Math.min(EXTENT, Math.max(0, Math.round(value * EXTENT)));
  return { x: clamp((event.clientX - box.left) / box.width), y: clamp((event.clientY - box.top) / box.height) };
}

function extend(stroke: string, event: PointerEvent): void {
  const { x, y } = position(event);
  const from = picture.get(stroke)?.points.length ?? 0;
  const width = Number(element<HTMLInputElement>("width").value);
  picture.add({ stroke, author, color: settings.color, width, from, points: [x, y] });
  outbox.push(stroke, x, y);
}

canvas.addEventListener("pointerdown", (event) => {
  if (event.button !== 0 || drawing) {
    return;
  }
  canvas.setPointerCapture(event.pointerId);
  drawing = randomId();
  outbox.begin(drawing, settings.color, Number(element<HTMLInputElement>("width").value));
  extend(drawing, event);
});
canvas.addEventListener("pointermove", (event) => {
  if (drawing) {
    for (const part of event.getCoalescedEvents?.() ?? [event]) {
      extend(drawing, part);
    }
  }
  if (socket.connected && performance.now() - pointerSentAt >= BATCH_MS) {
    pointerSentAt = performance.now();
    socket.volatile.emit("pointer", position(event));
  }
});
for (const end of ["pointerup", "pointercancel"] as const) {
  canvas.addEventListener(end, () => {
    if (drawing) {
      outbox.finish(drawing);
      drawing = undefined;
    }
  });
}

function undo(): void {
  const stroke = drawing ? undefined : picture.last(author);
  if (stroke) {
    picture.remove(stroke.id);
    outbox.undo(stroke.id);
  }
}

function clear(): void {
  if (!socket.connected) {
    show("offline", "The board can be cleared once you are online again");
    return;
  }
  socket.emit("clear", { id: randomId() }, ({ error }) => (error ? show("refused", error) : show("online", "Online")));
}

element("undo").addEventListener("click", undo);
element("clear").addEventListener("click", clear);
document.addEventListener("keydown", (event) => {
  const typing = event.target instanceof HTMLInputElement && event.target.type !== "range";
  if ((event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "z" && !typing) {
    event.preventDefault();
    undo();
  }
});

const name = element<HTMLInputElement>("name");
name.value = settings.name;
name.addEventListener("change", () => {
  settings.name = name.value.trim() || settings.name;
  name.value = settings.name;
  join();
});

const own = element<HTMLInputElement>("color");
const swatches = settings.colors.map((color) => {
  const swatch = document.createElement("button");
  swatch.type = "button";
  swatch.style.background = color;
  swatch.setAttribute("role", "radio");
  swatch.setAttribute("aria-label", color);
  swatch.addEventListener("click", () => choose(color));
  return { color, swatch };
});

function mark(): void {
  own.value = settings.color;
  for (const { color, swatch } of swatches) {
    swatch.setAttribute("aria-checked", String(color === settings.color));
  }
}

function choose(color: string): void {
  settings.color = color;
  mark();
  join();
}

element("swatches").append(...swatches.map(({ swatch }) => swatch));
own.addEventListener("change", () => choose(own.value));
mark();
