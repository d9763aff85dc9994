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
}

export interface JoinReply extends Reply {
  author: string;
  strokes: StrokeView[];
  people: Person[];
}

export interface ServerEvents {
  points: (part: StrokeView) => void;
  remove: (stroke: string) => void;
  clear: () => void;
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
  undo: (reply: (reply: Reply) => void) => void;
  clear: (reply: (reply: Reply) => void) => void;
  pointer: (pointer: { x: number; y: number }) => void;
}
