using System.Text.Json;
using System.Text.Json.Nodes;

namespace Starling.Messaging.NodeIpc;

/// <summary>
/// Connections that a Node.js parent handed out and still counts as its server's: it asks how many are open, and to be told when all are
/// closed. Thread-safe.
/// </summary>
internal sealed class SharedConnections(Action<byte[]> send)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _open = [];
    private readonly HashSet<string> _closing = [];

    /// <summary>Counts a connection, and returns what is to be called when it is over.</summary>
    public Action? Add(JsonElement message)
    {
        if (NodeJson.Text(message, "key") is not { } key)
        {
            return null;
        }

        lock (_gate)
        {
            _open[key] = _open.GetValueOrDefault(key) + 1;
        }

        return () => Remove(key);
    }

    /// <summary>Answers a message if it is about such connections.</summary>
    public bool TryAnswer(string command, JsonElement message)
    {
        if (command is not ("NODE_SOCKET_GET_COUNT" or "NODE_SOCKET_NOTIFY_CLOSE")
            || NodeJson.Text(message, "key") is not { } key)
        {
            return false;
        }

        lock (_gate)
        {
            var count = _open.GetValueOrDefault(key);
            if (command == "NODE_SOCKET_GET_COUNT")
            {
                Send(new JsonObject { ["cmd"] = "NODE_SOCKET_COUNT", ["key"] = key, ["count"] = count });
            }
            else if (count == 0)
            {
                SendAllClosed(key);
            }
            else
            {
                _closing.Add(key);
            }
        }

        return true;
    }

    private void Remove(string key)
    {
        lock (_gate)
        {
            if (--_open[key] > 0)
            {
                return;
            }

            _open.Remove(key);
            if (_closing.Remove(key))
            {
                SendAllClosed(key);
            }
        }
    }

    private void SendAllClosed(string key) => Send(new JsonObject { ["cmd"] = "NODE_SOCKET_ALL_CLOSED", ["key"] = key });

    private void Send(JsonObject message) => send(NodeWire.Line(System.Text.Encoding.UTF8.GetBytes(message.ToJsonString())));
}
