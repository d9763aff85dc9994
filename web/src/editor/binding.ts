import Quill, { Delta, type Op } from "quill";
import type { Doc } from "sharedb/lib/client";

type Text = { ops: Op[] };

// An operation travels in one message. A larger paste is sent in several, so that none exceeds what the server takes.
const maxInsert = 100_000;

/**
 * Keeps an editor and a document the same.
 *
 * While a composition runs (an input method builds a word from several keys) the editor must not change, or the browser would put the word
 * where it does not belong. Changes of others are held until it ends. What the user writes meanwhile is carried over them before it is sent,
 * and they are carried over it before they are shown; both sides then have the same text.
 */
export class Binding {
  /** Changes of others that the document has and the editor does not show yet. */
  private held = new Delta();
  private isComposing = false;
  private readonly source = {};

  constructor(
    private readonly quill: Quill,
    private readonly doc: Doc<Text>,
    private readonly shown: () => void,
  ) {
    quill.setContents(doc.data.ops, "api");
    quill.on("text-change", (delta: Delta, _before: Delta, origin: string) => origin === "user" && this.write(delta));
    quill.on(Quill.events.COMPOSITION_START, () => (this.isComposing = true));
    quill.on(Quill.events.COMPOSITION_END, () => {
      this.isComposing = false;
      this.show();
    });
    doc.on("op", (op, origin) => {
      if (origin !== this.source) {
        const text = op as unknown as Text | Op[];
        this.held = this.held.compose(new Delta(Array.isArray(text) ? text : text.ops));
        this.show();
      }
    });
    doc.on("load", () => this.reload());
  }

  /** Where a place in the editor is in the document. */
  toDocument(index: number): number {
    return this.held.transformPosition(index);
  }

  /** Whether changes of others wait for the end of a composition. */
  get isHolding(): boolean {
    return this.held.ops.length > 0;
  }

  private write(delta: Delta): void {
    const change = this.held.transform(delta, true);
    this.held = delta.transform(this.held, false).chop();
    const parts = split(change);
    // Parts must not be composed into one operation again while they wait.
    this.doc.preventCompose = parts.length > 1;
    parts.forEach((part) => this.doc.submitOp(part as never, { source: this.source }));
    this.doc.preventCompose = false;
  }

  private show(): void {
    if (this.isComposing || this.held.ops.length === 0) {
      return;
    }
    // The browser may have changed the text without Quill having noticed; that comes first, since it was written without what is held.
    this.quill.update("user");
    const change = this.held;
    this.held = new Delta();
    this.quill.updateContents(change, "api");
    this.shown();
  }

  /** The server refused an operation; the document was loaded again. */
  private reload(): void {
    const change = this.quill.getContents().diff(new Delta(this.doc.data.ops));
    this.held = change;
    this.show();
  }
}

/** Operations that one after the other do what a change does, none with more than a certain length of text. */
export function split(change: Delta): Delta[] {
  if (change.ops.reduce((sum, op) => sum + size(op), 0) <= maxInsert) {
    return [change];
  }
  const parts: Delta[] = [];
  let part = new Delta();
  let length = 0;
  // How much of the text lies behind all that was taken so far.
  let index = 0;
  const add = (op: Op) => {
    const cost = size(op);
    if (length > 0 && length + cost > maxInsert) {
      parts.push(part.chop());
      part = new Delta().retain(index);
      length = 0;
    }
    part.push(op);
    length += cost;
    index += op.delete ? 0 : typeof op.retain === "number" ? op.retain : typeof op.insert === "string" ? op.insert.length : 1;
  };
  for (const op of change.ops) {
    if (typeof op.insert === "string") {
      chunks(op.insert).forEach((insert) => add({ ...op, insert }));
    } else {
      add(op);
    }
  }
  parts.push(part.chop());
  return parts.filter((item) => item.ops.length > 0);
}

function size(op: Op): number {
  const { insert, attributes } = op;
  const text = typeof insert === "string" ? insert.length : insert ? JSON.stringify(insert).length : 0;
  return text + (attributes ? JSON.stringify(attributes).length : 0);
}

/** Pieces of a text that cut no character outside the basic plane in two. */
function chunks(text: string): string[] {
  const result: string[] = [];
  for (let from = 0; from < text.length; ) {
    let to = Math.min(text.length, from + maxInsert);
    const last = text.charCodeAt(to - 1);
    if (to < text.length && last >= 0xd800 && last < 0xdc00) {
      to--;
    }
    result.push(text.slice(from, to));
    from = to;
  }
  return result;
}
