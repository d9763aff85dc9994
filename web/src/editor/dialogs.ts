import { element } from "./elements";

interface Question {
  title: string;
  action: string;
  /** A text to ask for, with its first value. */
  input?: { label: string; value: string };
  /** Does what was asked for; what it throws is shown, and the question stays. */
  run(value: string): Promise<void>;
}

/** Asks before something is done. */
export function ask(question: Question): void {
  const dialog = element("dialog", "dialog");
  const form = element("form");
  const title = element("h2", "", question.title);
  title.id = "dialog-title";
  dialog.setAttribute("aria-labelledby", title.id);
  const error = element("p", "error");
  error.setAttribute("role", "alert");
  const input = element("input");
  input.maxLength = 80;
  if (question.input) {
    input.value = question.input.value;
    input.setAttribute("aria-label", question.input.label);
  }
  const cancel = element("button", "", "Cancel");
  cancel.type = "button";
  cancel.addEventListener("click", () => dialog.close());
  const act = element("button", "primary", question.action);
  const row = element("div", "row");
  row.append(cancel, act);
  form.append(title, ...(question.input ? [input] : []), error, row);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    act.disabled = true;
    question
      .run(input.value)
      .then(() => dialog.close())
      .catch((problem: Error) => {
        error.textContent = problem.message;
        act.disabled = false;
      });
  });
  dialog.append(form);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  input.select();
}
