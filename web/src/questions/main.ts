import * as api from "./api";
import { Card } from "./card";
import { Feed } from "./feed";

const find = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
const list = find<HTMLOListElement>("list");
const question = find<HTMLTextAreaElement>("question");
const author = find<HTMLInputElement>("author");
const askError = find<HTMLParagraphElement>("ask-error");
const status = find<HTMLParagraphElement>("status");
const onlyFollowed = find<HTMLInputElement>("only-followed");

const cards = new Map<number, Card>();
const followed = () => [...cards.values()].filter((card) => card.value.isFollowed).map((card) => card.value.id);

const feed = new Feed({
  question(news) {
    if (put(news)) {
      announce(`New question: ${news.text}`);
    }
  },
  answer(news) {
    if (cards.get(news.question)?.add(news)) {
      announce(`New answer: ${news.text}`);
    }
  },
  reload: () => void load(),
  state(state) {
    status.dataset["state"] = state;
    status.textContent = { connected: "Live", connecting: "Connecting…", offline: "Offline" }[state];
  },
});

function announce(text: string): void {
  find("news").textContent = text;
}

/** Shows a question; the newest is first. True when it was not there. */
function put(news: api.Question): boolean {
  const known = cards.get(news.id);
  if (known) {
    // An announcement does not know whether this visitor follows.
    known.update(news.isFollowed || news.answers ? news : { ...news, isFollowed: known.value.isFollowed, answers: known.value.answers });
    return false;
  }
  const card = new Card(news, { follow: toggle, answer });
  cards.set(news.id, card);
  const next = [...list.children].find((item) => Number(item.id.slice("question-".length)) < news.id);
  list.insertBefore(card.root, next ?? null);
  filter();
  return true;
}

async function load(): Promise<void> {
  const before = followed().join();
  try {
    (await api.list()).forEach((item) => {
      const known = cards.get(item.id);
      if (known) {
        known.update(item);
      } else {
        put(item);
      }
    });
  } catch (error) {
    askError.textContent = (error as Error).message;
  }
  filter();
  if (followed().join() !== before) {
    feed.subscribe(followed());
  }
}

async function toggle(item: api.Question): Promise<void> {
  const updated = await api.follow(item.id, !item.isFollowed);
  cards.get(item.id)?.update(updated);
  await resubscribe(item.id);
}

async function answer(item: api.Question, text: string): Promise<void> {
  await api.answer(item.id, text, author.value);
  if (!item.isFollowed) {
    await resubscribe(item.id);
  } else {
    cards.get(item.id)?.update(await api.find(item.id));
  }
}

/** First the subscription, then the question as it is, so that no answer falls between. */
async function resubscribe(id: number): Promise<void> {
  const current = await api.find(id);
  cards.get(id)?.update(current);
  feed.subscribe(followed());
  cards.get(id)?.update(await api.find(id));
  filter();
}

function filter(): void {
  cards.forEach((card) => (card.root.hidden = onlyFollowed.checked && !card.value.isFollowed));
  find("empty").hidden = cards.size > 0;
}

find<HTMLFormElement>("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  askError.textContent = "";
  void (async () => {
    try {
      const asked = await api.ask(question.value, author.value);
      question.value = "";
      put(asked);
      feed.subscribe(followed());
      question.focus();
    } catch (error) {
      askError.textContent = (error as Error).message;
      const existing = error instanceof api.Refused && error.existing !== null ? cards.get(error.existing) : null;
      existing?.root.scrollIntoView({ block: "center" });
      existing?.root.classList.add("found");
      setTimeout(() => existing?.root.classList.remove("found"), 3000);
    }
  })();
});

question.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    find<HTMLFormElement>("ask").requestSubmit();
  }
});
author.value = localStorage.getItem("starling-name") ?? "";
author.addEventListener("change", () => localStorage.setItem("starling-name", author.value));
onlyFollowed.addEventListener("change", filter);

// The visitor's cookie comes with the list, so that it is there before anything is sent.
await load();
if (followed().length === 0) {
  feed.subscribe([]);
}
