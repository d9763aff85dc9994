import { resolve } from "node:path";
import { defineConfig } from "vite";

// One page per application; the server delivers what this builds. `npm run dev` expects `starling serve` on its default port.
export default defineConfig({
  build: {
    target: "es2022",
    rollupOptions: {
      input: {
        index: resolve(import.meta.dirname, "index.html"),
        draw: resolve(import.meta.dirname, "draw/index.html"),
        editor: resolve(import.meta.dirname, "editor/index.html"),
        document: resolve(import.meta.dirname, "editor/document.html"),
        questions: resolve(import.meta.dirname, "questions/index.html"),
        ticker: resolve(import.meta.dirname, "ticker/index.html"),
        visitor: resolve(import.meta.dirname, "watcher/index.html"),
        watcher: resolve(import.meta.dirname, "watcher/admin.html"),
      },
    },
  },
  server: {
    proxy: {
      "/socket.io": { target: "http://localhost:8080", ws: true },
      "/.well-known": "http://localhost:8080",
      "/editor/api": { target: "http://localhost:8080", ws: true },
      "/questions/api": "http://localhost:8080",
      "/ticker/api": "http://localhost:8080",
      "/watcher/api": "http://localhost:8091",
      "/watcher/moves": { target: "http://localhost:8090", ws: true },
    },
  },
});
