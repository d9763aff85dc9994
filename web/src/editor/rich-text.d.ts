declare module "rich-text" {
  import type { Type } from "sharedb/lib/client";
  const richText: { type: Type };
  export default richText;
}
