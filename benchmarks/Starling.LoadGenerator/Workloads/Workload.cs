using Starling.LoadGenerator.Connections;
using Starling.LoadGenerator.Statistics;

namespace Starling.LoadGenerator.Workloads;

/// <summary>
/// What the clients of one event loop do once they are connected. All methods run on that loop's thread;
/// <see cref="Completed"/> alone may be read from others at any time, the rest when the loop has ended.
/// </summary>
internal abstract class Workload
{
    private long _completed;

    public virtual IClientProtocol Protocol { get; } = new SocketIOProtocol();

    public Histogram Latencies { get; } = new();

    /// <summary>Units of work done so far (deliveries, acknowledgements).</summary>
    public long Completed => Volatile.Read(ref _completed);

    /// <summary>Starts the closed loops; called once, when every client of every loop is ready.</summary>
    public virtual void Start(IReadOnlyList<Connection> connections)
    {
    }

    /// <summary>A message arrived at a client that is ready. What is written meanwhile is flushed afterwards.</summary>
    public virtual void Receive(Connection connection, ReadOnlySpan<byte> packet) => throw Unexpected(packet);

    protected void Complete() => Volatile.Write(ref _completed, _completed + 1);

    public static LoadException Unexpected(ReadOnlySpan<byte> packet) =>
        new($"Unexpected packet from the server: {System.Text.Encoding.UTF8.GetString(packet[..Math.Min(packet.Length, 120)])}");
}
