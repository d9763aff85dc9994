using System.Buffers.Text;
using Starling.LoadGenerator.Connections;

namespace Starling.LoadGenerator.Workloads;

/// <summary>
/// Every client keeps some <c>echo</c> events outstanding and sends the next one when an acknowledgement arrives.
/// Outstanding event <c>n</c> of a client lives in slot <c>n mod outstanding</c>; answers may come in any order, but only once.
/// </summary>
internal sealed class AckWorkload : Workload
{
    private readonly RunControl _control;
    private readonly int _outstanding;
    private readonly int _payload;
    private readonly long[] _awaited;
    private readonly byte[] _packet;

    /// <param name="control">Says when to stop sending.</param>
    /// <param name="clients">Clients of this loop.</param>
    /// <param name="outstanding">Unanswered events per client.</param>
    /// <param name="payload">Bytes of payload.</param>
    public AckWorkload(RunControl control, int clients, int outstanding, int payload)
    {
        (_control, _outstanding, _payload) = (control, outstanding, payload);
        _awaited = new long[clients * outstanding];
        _packet = new byte[payload + 64];
    }

    private static ReadOnlySpan<byte> EventStart => "[\"echo\",\""u8;

    private static ReadOnlySpan<byte> End => "\"]"u8;

    public override void Start(IReadOnlyList<Connection> connections)
    {
        foreach (var connection in connections)
        {
            for (var slot = 0; slot < _outstanding; slot++)
            {
                Send(connection, slot);
            }
        }
    }

    public override void Receive(Connection connection, ReadOnlySpan<byte> packet)
    {
        // 43<id>["<payload>"]
        if (!packet.StartsWith("43"u8) || !Utf8Parser.TryParse(packet[2..], out long id, out var digits) || id < 0)
        {
            throw Unexpected(packet);
        }

        var arguments = packet[(2 + digits)..];
        if (arguments.Length != _payload + 4 || !arguments.StartsWith("[\""u8) || !arguments.EndsWith(End))
        {
            throw Unexpected(packet);
        }

        var payload = arguments[2..];
        ref var awaited = ref _awaited[connection.Index * _outstanding + (int)(id % _outstanding)];
        if (awaited != id || Stamp.Read(payload) != new Stamp(connection.Index % Stamp.MaxSenders, id, 0))
        {
            throw new LoadException($"Acknowledgement {id} was not awaited (expected {awaited}) or carries another event's payload.");
        }

        awaited = -1;
        Complete();
        if (_control.Measuring)
        {
            Latencies.Record(Clock.Now - Stamp.ReadTime(payload));
        }

        if (_control.Phase == RunPhase.Running)
        {
            Send(connection, id + _outstanding);
        }
    }

    /// <summary>Proves, when the loop has ended, that no event stayed unanswered.</summary>
    public void RequireComplete()
    {
        var missing = _awaited.Count(id => id >= 0);
        if (missing > 0)
        {
            throw new LoadException($"{missing} events were never acknowledged.");
        }
    }

    private void Send(Connection connection, long id)
    {
        _awaited[connection.Index * _outstanding + (int)(id % _outstanding)] = id;
        var packet = _packet.AsSpan();
        "42"u8.CopyTo(packet);
        _ = Utf8Formatter.TryFormat(id, packet[2..], out var digits);
        var position = 2 + digits;
        EventStart.CopyTo(packet[position..]);
        position += EventStart.Length;
        packet.Slice(position, _payload).Fill((byte)'x');
        new Stamp(connection.Index % Stamp.MaxSenders, id, Clock.Now).Write(packet[position..]);
        position += _payload;
        End.CopyTo(packet[position..]);
        connection.WriteText(packet[..(position + End.Length)]);
    }
}
