export const find = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;

/** Makes an element. Texts of others are texts and never markup. */
export function element<K extends keyof HTMLElementTagNameMap>(name: K, className = "", text = ""): HTMLElementTagNameMap[K] {
  const result = document.createElement(name);
  result.className = className;
  result.textContent = text;
  return result;
}

export function button(text: string, label: string, action: () => void): HTMLButtonElement {
  const result = element("button", "", text);
  result.type = "button";
  result.setAttribute("aria-label", label);
  result.addEventListener("click", action);
  return result;
}

const times = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

export function time(at: number): HTMLTimeElement {
  const result = element("time", "", times.format(at));
  result.dateTime = new Date(at).toISOString();
  return result;
}
