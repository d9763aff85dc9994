import ReconnectingWebSocket from "reconnecting-websocket";
import richText from "rich-text";
import { Connection, types } from "sharedb/lib/client";
import { Heartbeat, watchNetwork } from "../network";

types.register(richText.type);

export type Health = "connected" | "connecting";

/** Connects to the server, again and again when it has to. */
export function connect(changed: (health: Health) => void): Connection {
  const address = new URL("/editor/api/sharedb", location.href);
  address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  const socket = new ReconnectingWebSocket(address.href, [], { minReconnectionDelay: 300, maxReconnectionDelay: 5000, connectionTimeout: 8000 });
  const connection = new Connection(socket as unknown as ConstructorParameters<typeof Connection>[0]);
  connection.on("connected", () => changed("connected"));
  for (const lost of ["connecting", "disconnected", "closed", "stopped"] as const) {
    connection.on(lost, () => changed("connecting"));
  }
  // A connection that is cut without a word stays open for minutes: "Saved" would be a lie. So the server is asked, and the device as well.
  const heartbeat = new Heartbeat(
    () => connection.state === "connected" && (connection.ping(), true),
    () => socket.reconnect(),
  );
  connection.on("receive", () => heartbeat.beat());
  watchNetwork(
    () => socket.close(),
    () => socket.reconnect(),
  );
  return connection;
}
