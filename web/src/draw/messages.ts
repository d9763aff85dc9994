/** What travels between page and server; apps/Draw/Messages.cs is the other side. Coordinates run from 0 to 10,000. */
export interface StrokeView {
  stroke: string;
  author: string;
  color: string;
  width: number;
  from: number;
  points: number[];
}

export interface Person {
  author: string;
  name: string;
  color: string;
}

export interface PointerView {
  author: string;
  x: number;
  y: number;
}

export interface Reply {
  error: string | null;
  /** Whether the request has to be sent again, after joining again. */
  retry?: boolean;
}

/** A clear that anyone at the board can undo until a time. */
export interface Clear {
  id: string;
  by: string;
  until: string;
}

export interface JoinReply extends Reply {
  author: string;
  strokes: StrokeView[];
  people: Person[];
  /** The number of the last change in the picture. */
  at: number;
  cleared: Clear | null;
}

/** Changes of the board carry their number; one that is not above that of the picture is in it. */
export interface ServerEvents {
  points: (part: StrokeView, at: number) => void;
  remove: (stroke: string, at: number) => void;
  clear: (clear: Clear, at: number) => void;
  /** The picture has to be fetched again. */
  reload: () => void;
  pointer: (pointer: PointerView) => void;
  people: (people: Person[]) => void;
}

export interface ClientEvents {
  join: (
    request: { board: string; key: string; name: string; color: string },
    reply: (reply: JoinReply) => void,
  ) => void;
  points: (
    part: { stroke: string; color: string; width: number; from: number; points: number[] },
    reply: (reply: Reply) => void,
  ) => void;
  undo: (request: { id: string }, reply: (reply: Reply) => void) => void;
  clear: (request: { id: string }, reply: (reply: Reply) => void) => void;
  restore: (request: { id: string }, reply: (reply: Reply) => void) => void;
  pointer: (pointer: { x: number; y: number }) => void;
}
