import Quill from "quill";
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
  return new Quill(place, {
    theme: "snow",
    formats,
    placeholder: "Write something. Everybody who has this document open sees it.",
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
        handler(this: { quill: Quill }, range: { index: number }, files: File[]) {
          files.forEach((file) =>
            imageAddress(file)
              .then((address) => this.quill.insertEmbed(range.index, "image", address, "user"))
              .catch((error: Error) => trouble(error.message)),
          );
        },
      },
    },
  });
}

/** Shows a text that nobody can change, with its authors. */
export function viewer(place: HTMLElement): Quill {
  return new Quill(place, { theme: "snow", readOnly: true, formats: [...formats, "author"], modules: { toolbar: false } });
}
