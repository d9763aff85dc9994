import { ActivityChart } from "./activity";
import { signIn, signOut } from "./api";
import { EventLog } from "./events";
import { Feed } from "./feed";
import { Visitors } from "./visitors";

const find = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
const status = find<HTMLParagraphElement>("status");
const form = find<HTMLFormElement>("sign-in");
const password = find<HTMLInputElement>("password");
const board = find<HTMLDivElement>("board");
const leave = find<HTMLButtonElement>("sign-out");
const chart = new ActivityChart(find("activity"), find("rate"), find("workers"));
const visitors = new Visitors(find("paths"), find("visitors"));
const events = new EventLog(find("events"));

const feed = new Feed({
  state(state) {
    visitors.clear();
    events.clear();
    state.visitors.forEach((visitor) => visitors.put(visitor));
    state.events.forEach((event) => events.add(event));
    state.activity.forEach((activity) => chart.add(activity));
    show("board");
    chart.show();
    count(state.unseen);
  },
  visit(event) {
    if (event.visitor && event.kind === "Left") {
      visitors.remove(event.visitor.number);
    } else if (event.visitor) {
      visitors.put(event.visitor);
    }
    events.add(event);
    count();
  },
  moves: (moves) => moves.forEach(([number, ...coordinates]) => visitors.move(number!, coordinates)),
  activity(activity) {
    chart.add(activity);
    chart.show();
    visitors.describeAll();
  },
  connected: () => say("connected", "Live"),
  disconnected: () => say("connecting", "Disconnected. Reconnecting…"),
  signedOut() {
    find("why").textContent = board.hidden ? "" : "You have been signed out.";
    say("offline", "Signed out");
    show("sign-in");
  },
});

function say(state: string, text: string): void {
  status.dataset["state"] = state;
  status.textContent = text;
}

function show(part: "board" | "sign-in"): void {
  board.hidden = leave.hidden = part !== "board";
  const wasHidden = form.hidden;
  form.hidden = part !== "sign-in";
  if (wasHidden && !form.hidden) {
    password.focus();
  }
}

function count(unseen = 0): void {
  find("count").textContent = `${visitors.count} ${visitors.count === 1 ? "visitor" : "visitors"}${unseen > 0 ? ` and ${unseen} more` : ""}`;
  find("nobody").hidden = visitors.count > 0;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  void (async () => {
    const error = await signIn(password.value);
    find("sign-in-error").textContent = error ?? "";
    password.value = "";
    if (error) {
      password.focus();
    } else {
      say("connecting", "Connecting…");
      feed.open();
    }
  })();
});

leave.addEventListener("click", () => {
  void (async () => {
    const error = await signOut();
    if (error) {
      say("connecting", error);
      return;
    }
    feed.close();
    visitors.clear();
    events.clear();
    find("why").textContent = "You have signed out.";
    say("offline", "Signed out");
    show("sign-in");
  })();
});

function frame(): void {
  if (!board.hidden) {
    visitors.draw();
  }
  requestAnimationFrame(frame);
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => chart.show());
addEventListener("resize", () => chart.draw());
requestAnimationFrame(frame);
feed.open();
