using Starling.LoadGenerator.Connections;

namespace Starling.LoadGenerator.Workloads;

/// <summary>
/// Some clients publish, all receive. A publisher sends its next event when its own copy of an earlier one arrives, so its
/// window stays full and nothing runs away. Every client checks that each publisher's events come once, in order, none missing.
/// </summary>
internal sealed class BroadcastWorkload : Workload
{
    private readonly RunControl _control;
    private readonly int _window;
    private readonly int _publishers;
    private readonly int _loop;
    private readonly int _loops;
    private readonly int _sampleEvery;
    private readonly long[] _expected;
    private readonly long[] _published;
    private readonly byte[] _publish;
    private readonly byte[] _news;

    /// <param name="control">Says when to stop publishing.</param>
    /// <param name="clients">Clients of this loop.</param>
    /// <param name="publishers">Publishers of the whole run; they are spread over the loops.</param>
    /// <param name="window">Events a publisher keeps under way.</param>
    /// <param name="payload">Bytes of payload.</param>
    /// <param name="sampleEvery">Latency is taken from every so many clients.</param>
    /// <param name="loop">Number of this loop.</param>
    /// <param name="loops">Loops of the run.</param>
    public BroadcastWorkload(RunControl control, int clients, int publishers, int window, int payload, int sampleEvery, int loop, int loops)
    {
        (_control, _publishers, _window, _sampleEvery, _loop, _loops) = (control, publishers, window, sampleEvery, loop, loops);
        _expected = new long[clients * publishers];
        _published = new long[publishers];
        var filler = new string('x', payload);
        _publish = System.Text.Encoding.ASCII.GetBytes($"42[\"publish\",\"{filler}\"]");
        _news = System.Text.Encoding.ASCII.GetBytes($"42[\"news\",\"{filler}\"]");
    }

    private static ReadOnlySpan<byte> PublishStart => "42[\"publish\",\""u8;

    private static ReadOnlySpan<byte> NewsStart => "42[\"news\",\""u8;

    /// <summary>Events published so far by each publisher of this loop (0 for those of other loops).</summary>
    public IReadOnlyList<long> Published => _published;

    public override void Start(IReadOnlyList<Connection> connections)
    {
        for (var publisher = _loop; publisher < _publishers; publisher += _loops)
        {
            for (var i = 0; i < _window; i++)
            {
                Publish(connections[publisher / _loops], publisher);
            }
        }
    }

    public override void Receive(Connection connection, ReadOnlySpan<byte> packet)
    {
        if (packet.Length != _news.Length || !packet.StartsWith(NewsStart))
        {
            throw Unexpected(packet);
        }

        var payload = packet[NewsStart.Length..];
        var stamp = Stamp.Read(payload);
        if ((uint)stamp.Sender >= (uint)_publishers)
        {
            throw Unexpected(packet);
        }

        ref var expected = ref _expected[connection.Index * _publishers + stamp.Sender];
        if (stamp.Sequence != expected)
        {
            var what = stamp.Sequence < expected ? "delivered again or late" : "delivered before its predecessor, which is missing";
            throw new LoadException($"Event {stamp.Sequence} of publisher {stamp.Sender} was {what} (expected {expected}).");
        }

        expected++;
        Complete();
        if (connection.Index % _sampleEvery == 0 && _control.Measuring)
        {
            Latencies.Record(Clock.Now - Stamp.ReadTime(payload));
        }

        if (connection.Index * _loops + _loop == stamp.Sender && _control.Phase == RunPhase.Running)
        {
            Publish(connection, stamp.Sender);
        }
    }

    /// <summary>Proves, when the loop has ended, that every client has everything that was published.</summary>
    public void RequireComplete(IReadOnlyList<long> published)
    {
        for (var i = 0; i < _expected.Length; i++)
        {
            var publisher = i % _publishers;
            if (_expected[i] != published[publisher])
            {
                throw new LoadException(
                    $"A client received {_expected[i]} of the {published[publisher]} events of publisher {publisher}: the rest is missing.");
            }
        }
    }

    private void Publish(Connection connection, int publisher)
    {
        new Stamp(publisher, _published[publisher]++, Clock.Now).Write(_publish.AsSpan(PublishStart.Length));
        connection.WriteText(_publish);
    }
}
