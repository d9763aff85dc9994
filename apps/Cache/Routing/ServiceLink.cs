using Starling.Messaging;

namespace Starling.Apps.Cache.Routing;

/// <summary>A service that has joined, and how much is under way there. Thread-safe.</summary>
internal sealed class ServiceLink(RpcConnection connection, string runs)
{
    private static readonly TimeSpan LossLimit = TimeSpan.FromSeconds(2);

    private int _underWay;

    public RpcConnection Connection { get; } = connection;

    public string Name { get; } = connection.Peer!.Name;

    public string Role { get; } = connection.Peer!.Role;

    public string Runs { get; } = runs;

    public int UnderWay => Volatile.Read(ref _underWay);

    public bool IsLost => Connection.Completion.IsCompleted;

    /// <summary>Returns when one of the connections has ended: who loses a call may hear of it earlier, and would find the same connection again.</summary>
    public static Task WaitForLossAsync(TimeProvider time, params ServiceLink[] links) =>
        Task.WhenAny([.. links.Select(link => link.Connection.Completion), Task.Delay(LossLimit, time)]);

    /// <summary>Counts something as under way until it is disposed.</summary>
    public Work Begin()
    {
        Interlocked.Increment(ref _underWay);
        return new Work(this);
    }

    /// <summary>Something under way.</summary>
    public readonly struct Work(ServiceLink link) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref link._underWay);
    }
}
