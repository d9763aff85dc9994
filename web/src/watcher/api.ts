/** What the master's API and its event stream speak of. */
export interface Visitor {
  number: number;
  name: string;
  arrivedAt: string;
  movedAt?: string;
  worker: number;
  pid: number;
  isHere: boolean;
  trail?: number[];
}

export interface Activity {
  second: number;
  total: number;
  workers: Record<string, number>;
}

export interface VisitEvent {
  kind: "Arrived" | "Away" | "Returned" | "Left" | "WorkerUp" | "WorkerEnded" | "WorkerLost";
  at: string;
  worker: number;
  pid: number;
  visitor?: Visitor;
}

export interface State {
  visitors: Visitor[];
  activity: Activity[];
  events: VisitEvent[];
  unseen: number;
}

const root = "/watcher/api";
const unreachable = "The server cannot be reached. Try again in a moment.";

/** All there is to show; null when nobody is signed in. */
export async function state(): Promise<State | null> {
  const response = await fetch(`${root}/state`);
  if (response.status === 401) {
    return null;
  }
  if (!response.ok) {
    throw new Error(`The server answered with ${response.status}.`);
  }
  return (await response.json()) as State;
}

/** Signs in; returns why not, or null. */
export async function signIn(password: string): Promise<string | null> {
  try {
    const response = await fetch(`${root}/session`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ password }),
    });
    return response.ok ? null : (((await response.json().catch(() => null)) as { title?: string } | null)?.title ?? `The server answered with ${response.status}.`);
  } catch {
    return unreachable;
  }
}

/** Signs out; returns why not, or null. */
export async function signOut(): Promise<string | null> {
  try {
    const response = await fetch(`${root}/session`, { method: "DELETE" });
    return response.ok ? null : `The server answered with ${response.status}.`;
  } catch {
    return unreachable;
  }
}
