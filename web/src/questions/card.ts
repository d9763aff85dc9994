import type { Answer, Question } from "./api";

export interface CardHandlers {
  follow(question: Question): Promise<void>;
  answer(question: Question, text: string): Promise<void>;
}

const times = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

function element<K extends keyof HTMLElementTagNameMap>(name: K, className = "", text = ""): HTMLElementTagNameMap[K] {
  const result = document.createElement(name);
  result.className = className;
  // Texts of others are texts and never markup.
  result.textContent = text;
  return result;
}

function byline(author: string, at: string): HTMLElement {
  const line = element("p", "byline");
  const time = element("time", "", times.format(new Date(at)));
  time.dateTime = at;
  line.append(element("span", "author", author), " · ", time);
  return line;
}

/** One question on the page. Updated in place, so that focus and half-written answers stay. */
export class Card {
  readonly root = element("li", "card question");
  private readonly answers = element("ol", "answers");
  private readonly count = element("span", "count");
  private readonly button = element("button", "follow");
  private readonly form = element("form", "answer");
  private readonly error = element("p", "error");
  private readonly shown = new Set<number>();

  constructor(
    private question: Question,
    handlers: CardHandlers,
  ) {
    this.root.id = `question-${question.id}`;
    this.root.tabIndex = -1;
    const text = element("h3", "text", question.text);
    text.id = `text-${question.id}`;
    this.button.type = "button";
    this.button.setAttribute("aria-describedby", text.id);
    this.button.addEventListener("click", () => this.run(() => handlers.follow(this.question)));
    this.error.setAttribute("role", "alert");

    const label = element("label", "", "Your answer");
    const input = element("textarea");
    input.rows = 2;
    input.maxLength = 2000;
    input.id = `answer-${question.id}`;
    label.htmlFor = input.id;
    const send = element("button", "", "Answer");
    send.type = "submit";
    const details = element("details");
    details.append(element("summary", "", "Answer this question"), this.form);
    details.addEventListener("toggle", () => details.open && input.focus());
    this.form.append(label, input, send);
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.run(async () => {
        await handlers.answer(this.question, input.value);
        input.value = "";
        details.open = false;
      });
    });

    const foot = element("div", "row");
    foot.append(this.count, this.button);
    this.root.append(text, byline(question.author, question.askedAt), foot, this.answers, details, this.error);
    this.update(question);
  }

  get value(): Question {
    return this.question;
  }

  update(question: Question): void {
    this.question = question;
    this.root.dataset["followed"] = String(question.isFollowed);
    this.button.textContent = question.isFollowed ? "Following" : "Follow";
    this.button.setAttribute("aria-pressed", String(question.isFollowed));
    if (question.isFollowed) {
      question.answers?.forEach((answer) => this.show(answer));
    } else {
      this.answers.replaceChildren();
      this.shown.clear();
    }
    this.answers.hidden = this.shown.size === 0;
    const count = Math.max(question.answerCount, this.shown.size);
    this.count.textContent = count === 0 ? "No answer yet" : count === 1 ? "1 answer" : `${count} answers`;
  }

  /** Adds an answer that came by the event stream. False when it is there already. */
  add(answer: Answer): boolean {
    if (this.shown.has(answer.id) || !this.question.isFollowed) {
      return false;
    }
    const answers = [...(this.question.answers ?? []), answer];
    this.update({ ...this.question, answers, answerCount: Math.max(this.question.answerCount, answers.length) });
    return true;
  }

  private show(answer: Answer): void {
    if (this.shown.has(answer.id)) {
      return;
    }
    this.shown.add(answer.id);
    const item = element("li");
    item.append(element("p", "text", answer.text), byline(answer.author, answer.answeredAt));
    this.answers.append(item);
  }

  private async run(action: () => Promise<void>): Promise<void> {
    this.error.textContent = "";
    try {
      await action();
    } catch (error) {
      this.error.textContent = (error as Error).message;
    }
  }
}
