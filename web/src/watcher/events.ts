import type { VisitEvent } from "./api";

const most = 50;

const texts: Record<VisitEvent["kind"], (event: VisitEvent) => string> = {
  Arrived: (event) => `${event.visitor?.name} arrived at worker ${event.worker}`,
  Away: (event) => `${event.visitor?.name} lost its connection`,
  Returned: (event) => `${event.visitor?.name} came back, at worker ${event.worker}`,
  Left: (event) => `${event.visitor?.name} left`,
  WorkerUp: (event) => `Worker ${event.worker} is there, process ${event.pid}`,
  WorkerEnded: (event) => `Worker ${event.worker} ended as it should, process ${event.pid}`,
  WorkerLost: (event) => `Worker ${event.worker} is silent, process ${event.pid}`,
};

/** Arrivals and departures, the newest first. */
export class EventLog {
  constructor(private readonly list: HTMLElement) {}

  clear(): void {
    this.list.replaceChildren();
  }

  add(event: VisitEvent): void {
    const [item, time] = [document.createElement("li"), document.createElement("time")];
    item.dataset["kind"] = event.kind;
    time.dateTime = event.at;
    time.textContent = new Date(event.at).toLocaleTimeString();
    item.append(time, texts[event.kind](event));
    this.list.prepend(item);
    while (this.list.children.length > most) {
      this.list.lastElementChild!.remove();
    }
  }
}
