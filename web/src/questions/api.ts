/** The board's API and what it speaks of. */
export interface Answer {
  id: number;
  question: number;
  text: string;
  author: string;
  answeredAt: string;
}

export interface Question {
  id: number;
  text: string;
  author: string;
  askedAt: string;
  answers: Answer[] | null;
  answerCount: number;
  isFollowed: boolean;
}

/** What the server refused, and why. */
export class Refused extends Error {
  constructor(
    message: string,
    readonly existing: number | null,
  ) {
    super(message);
  }
}

const root = "/questions/api/questions";

async function call<T>(method: string, path: string, body?: object): Promise<T> {
  const init: RequestInit = { method };
  if (body) {
    init.headers = { "Content-Type": "application/json" };
    init.body = JSON.stringify(body);
  }
  let response: Response;
  try {
    response = await fetch(root + path, init);
  } catch {
    throw new Refused("The server cannot be reached. Try again in a moment.", null);
  }
  const answer = await response.json().catch(() => null);
  if (!response.ok) {
    throw new Refused(answer?.title ?? `The server answered with ${response.status}.`, answer?.existing ?? null);
  }
  return answer as T;
}

export const list = async () => (await call<{ questions: Question[] }>("GET", "")).questions;
export const find = (id: number) => call<Question>("GET", `/${id}`);
export const ask = (text: string, author: string) => call<Question>("POST", "", { text, author });
export const answer = (id: number, text: string, author: string) => call<Answer>("POST", `/${id}/answers`, { text, author });
export const follow = (id: number, followed: boolean) => call<Question>(followed ? "PUT" : "DELETE", `/${id}/follow`);
