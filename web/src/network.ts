/** Tells when the device itself loses or regains the network; a broken connection alone may take long to be noticed. */
export function watchNetwork(lost: () => void, regained: () => void): void {
  addEventListener("offline", lost);
  addEventListener("online", regained);
  if (!navigator.onLine) {
    lost();
  }
}

const period = 4_000;
const patience = 4_000;

/**
 * Asks the other side from time to time and counts how long nothing has come from it.
 * Time in which the page was asleep does not count.
 */
export class Heartbeat {
  private heard = performance.now();
  private ticked = performance.now();

  /**
   * @param ask Sends something that is answered; false when there is no connection to ask over.
   * @param dead The other side did not answer in time.
   */
  constructor(ask: () => boolean, dead: () => void) {
    let asked = false;
    window.setInterval(() => {
      const now = performance.now();
      const slept = now - this.ticked > 2 * period;
      this.ticked = now;
      if (asked && !slept && now - this.heard > patience) {
        asked = false;
        dead();
        return;
      }
      asked = ask();
      if (!asked || slept) {
        this.heard = now;
      }
    }, period);
  }

  /** Something came from the other side. */
  beat(): void {
    this.heard = performance.now();
  }
}
