import { colour, prepare } from "./canvas";
import { Connection } from "./connection";
import { Trail } from "./trail";

const find = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
const status = find<HTMLParagraphElement>("status");
const canvas = find<HTMLCanvasElement>("trail");
const trail = new Trail();
let sent = 0;

const connection = new Connection({
  state(state, text) {
    status.dataset["state"] = state;
    status.textContent = text;
  },
  process: (process) => (find("process").textContent = `, to process ${process}`),
  sent(moves) {
    sent += moves;
    find("sent").textContent = String(sent);
  },
});

const scale = (value: number, size: number) => Math.round((Math.min(Math.max(value, 0), size) / size) * 65535);

addEventListener("pointermove", (event) => {
  // What came between two frames of the screen is told as well.
  const moves = event.getCoalescedEvents?.() ?? [];
  for (const move of moves.length > 0 ? moves : [event]) {
    const [x, y] = [scale(move.clientX, innerWidth), scale(move.clientY, innerHeight)];
    connection.move(x, y);
    trail.add([x, y], performance.now(), performance.now());
  }
});

function frame(): void {
  connection.flush();
  const { context, width, height } = prepare(canvas);
  context.strokeStyle = colour(0);
  trail.draw(context, width, height, performance.now());
  requestAnimationFrame(frame);
}

requestAnimationFrame(frame);

// A page in the background draws nothing, but what was moved has still to go.
document.addEventListener("visibilitychange", () => connection.flush());
