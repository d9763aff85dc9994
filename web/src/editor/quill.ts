import Quill, { Delta, type Range } from "quill";
import QuillCursors from "quill-cursors";
import "quill/dist/quill.snow.css";
import { imageAddress } from "./images";

const Parchment = Quill.import("parchment");
Quill.register("modules/cursors", QuillCursors);
Quill.register(new Parchment.Attributor("author", "data-author", { scope: Parchment.Scope.INLINE }), true);

const formats = [
  "header", "bold", "italic", "underline", "strike", "color", "background", "script", "link", "code",
  "list", "indent", "align", "direction", "blockquote", "code-block", "image",
];

/** The editor that people write in. */
export function writer(place: HTMLElement, trouble: (text: string) => void): Quill {
  const quill = new Quill(place, {
    theme: "snow",
    // Tooltips stay inside the sheet.
    bounds: place,
    formats,
    placeholder: "Write something. All who have this document open see it.",
    modules: {
      cursors: { transformOnTextChange: true, selectionChangeSource: null },
      history: { userOnly: true },
      toolbar: [
        [{ header: [1, 2, 3, false] }],
        ["bold", "italic", "underline", "strike"],
        [{ color: [] }, { background: [] }],
        [{ list: "ordered" }, { list: "bullet" }, { list: "check" }],
        [{ indent: "-1" }, { indent: "+1" }, { align: [] }],
        ["blockquote", "code-block", "link", "image"],
        ["clean"],
      ],
      uploader: {
        handler(this: { quill: Quill }, range: Range, files: File[]) {
          void insertImages(this.quill, range, files, trouble);
        },
      },
    },
  });
  // The page loads images from nowhere else, so that a document cannot tell others who reads it.
  quill.clipboard.addMatcher("img", (node, delta) => {
    const address = (node as HTMLImageElement).getAttribute("src") ?? "";
    if (address.startsWith("data:image/")) {
      return delta;
    }
    trouble("An image of another site was left out. Save it, or copy the image itself, and paste that.");
    return new Delta();
  });
  return quill;
}

/** Inserts images where the caret was, in their order, wherever others have moved that place meanwhile. */
async function insertImages(quill: Quill, range: Range, files: File[], trouble: (text: string) => void): Promise<void> {
  let index = range.index;
  const follow = (change: Delta) => (index = change.transformPosition(index));
  quill.on("text-change", follow);
  try {
    for (const file of files) {
      try {
        const address = await imageAddress(file);
        quill.insertEmbed(index, "image", address, "user");
      } catch (error) {
        trouble((error as Error).message);
      }
    }
  } finally {
    quill.off("text-change", follow);
  }
}

/** Shows a read-only text with its authors. */
export function viewer(place: HTMLElement): Quill {
  return new Quill(place, { theme: "snow", readOnly: true, formats: [...formats, "author"], modules: { toolbar: false } });
}
