import type Quill from "quill";
import type { Delta, Op } from "quill";
import type { Doc } from "sharedb/lib/client";

type Text = { ops: Op[] };

/** Keeps an editor and a document the same. */
export function bind(quill: Quill, doc: Doc<Text>): void {
  const source = {};
  const load = () => quill.setContents(doc.data.ops, "api");
  load();
  quill.on("text-change", (delta: Delta, _before, origin) => {
    if (origin === "user") {
      doc.submitOp(delta as never, { source });
    }
  });
  doc.on("op", (op, origin) => {
    if (origin !== source) {
      const text = op as unknown as Text | Op[];
      quill.updateContents(Array.isArray(text) ? text : text.ops, "api");
    }
  });
  // What the server refused is taken back by loading the document anew.
  doc.on("load", load);
}
