import ReconnectingWebSocket from "reconnecting-websocket";
import richText from "rich-text";
import { Connection, types } from "sharedb/lib/client";

types.register(richText.type);

export type Health = "connected" | "connecting";

/** Connects to the server, again and again when it has to. */
export function connect(changed: (health: Health) => void): Connection {
  const address = new URL("/editor/api/sharedb", location.href);
  address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  const socket = new ReconnectingWebSocket(address.href, [], { minReconnectionDelay: 300, maxReconnectionDelay: 5000 });
  const connection = new Connection(socket as unknown as ConstructorParameters<typeof Connection>[0]);
  connection.on("connected", () => changed("connected"));
  for (const lost of ["connecting", "disconnected", "closed", "stopped"] as const) {
    connection.on(lost, () => changed("connecting"));
  }
  return connection;
}
