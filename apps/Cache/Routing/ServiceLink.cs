using Starling.Apps.Cache.Links;
using Starling.Messaging;

namespace Starling.Apps.Cache.Routing;

/// <summary>A service that has proved itself, and how much is under way there. Thread-safe.</summary>
internal sealed class ServiceLink(RpcConnection connection, Introduction service)
{
    private static readonly TimeSpan LossLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(1);

    private volatile bool _isReady;
    private int _underWay;

    public RpcConnection Connection { get; } = connection;

    public string Name { get; } = service.Name;

    public string Role { get; } = service.Role;

    public string Runs { get; } = service.Runs;

    public int UnderWay => Volatile.Read(ref _underWay);

    /// <summary>Whether it works; before that it only has its place.</summary>
    public bool IsReady
    {
        get => _isReady;
        set => _isReady = value;
    }

    public bool IsLost => Connection.Completion.IsCompleted;

    /// <summary>Returns when one of the connections has ended: who loses a call may hear of it earlier, and would find the same connection again.</summary>
    public static Task WaitForLossAsync(TimeProvider time, params ServiceLink[] links) =>
        Task.WhenAny([.. links.Select(link => link.Connection.Completion), Task.Delay(LossLimit, time)]);

    /// <summary>Asks whether it lives.</summary>
    public async Task<bool> AnswersAsync()
    {
        try
        {
            await Connection.InvokeAsync("$/ping", [], AnswerLimit);
            return true;
        }
        catch (RpcException)
        {
            return true;
        }
        catch (Exception e) when (e is TimeoutException or ConnectionLostException)
        {
            return false;
        }
    }

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
