/** What the editor does over HTTP; the editing itself goes over ShareDB's protocol. */
export interface Found {
  document: string;
  name: string;
}

export interface Me {
  id: string;
  name: string | null;
  color: string | null;
}

/** Edits of one person in a row: from one version to another. */
export interface Change {
  from: number;
  to: number;
  at: number;
  by: string | null;
}

export interface Op {
  insert?: string | Record<string, unknown>;
  attributes?: Record<string, unknown>;
}

export interface Version {
  version: number;
  at: number;
  by: string | null;
  contents: { ops: Op[] };
}

/** What is known of a document, as the list has it. */
export interface Entry {
  name: string;
  createdAt: number;
  createdBy: string;
  editedAt: number;
  editedBy: string;
}

/** What the server refused, and why. */
export class Refused extends Error {
  constructor(
    message: string,
    readonly code: string,
  ) {
    super(message);
  }
}

const root = "/editor/api";

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
    throw new Refused("The server cannot be reached. Try again in a moment.", "unreachable");
  }
  const answer = response.status === 204 ? null : await response.json().catch(() => null);
  if (!response.ok) {
    throw new Refused(answer?.title ?? `The server answered with ${response.status}.`, answer?.code ?? "unknown-answer");
  }
  return answer as T;
}

const one = (name: string) => `/documents/${encodeURIComponent(name)}`;

export const page = (name: string) => `/editor/${encodeURIComponent(name)}`;
export const exported = (name: string, format: string) => `${root}${one(name)}/export.${format}`;
export const me = () => call<Me>("GET", "/me");
export const setMe = (name: string, color: string) => call<Me>("PUT", "/me", { name, color });
export const create = (name: string) => call<Found>("POST", "/documents", { name });
export const find = (name: string) => call<Found>("GET", one(name));
export const rename = (name: string, to: string) => call<Found>("PATCH", one(name), { name: to });
export const remove = (name: string) => call<null>("DELETE", one(name));
export const changes = (name: string) => call<{ version: number; changes: Change[] }>("GET", `${one(name)}/changes`);
export const version = (name: string, number: number) => call<Version>("GET", `${one(name)}/versions/${number}`);
