using System.Text.Json;
using Starling.Messaging.Connections;

namespace Starling.Messaging.Calls;

/// <summary>
/// A call of ours that waits for its answer. Whoever takes it out of the <see cref="PendingCallTable"/> settles and then completes it.
/// </summary>
internal abstract class PendingCall(string method)
{
    private Action? _onEnd;
    private Action? _onFailed;

    public string Method { get; } = method;

    public long Id { get; set; }

    /// <summary>When its time is over.</summary>
    public long Deadline { get; set; }

    /// <summary>Whether it is one of the application's, of which so many may be unanswered. Those of the protocol itself must go out all the same: a heartbeat that waited for a place would prove a living peer dead.</summary>
    public bool HasPlace { get; init; } = true;

    /// <summary>Whether its result is something that the peer keeps open.</summary>
    public abstract bool MayOpenAtPeer { get; }

    /// <summary>Ends the wait for the caller's token.</summary>
    public CancellationTokenRegistration Registration { get; set; }

    /// <summary>Whether its reports come through the inbox, so that its completion must do so too or it would overtake them.</summary>
    public bool HasReports => _onEnd is not null;

    /// <summary>Adds what to do when it ends, however it does.</summary>
    public void OnEnd(Action action) => _onEnd += action;

    /// <summary>Adds what to do when it fails, for whatever reason: nobody at the peer will use what was sent with it.</summary>
    public void OnFailed(Action action) => _onFailed += action;

    /// <summary>Closes at the peer what the result of a call opened that was given up meanwhile.</summary>
    public abstract void DropResult(ReadOnlySpan<byte> json, WireConnection connection, int maxDepth);

    /// <summary>Reads the result, of which nothing is kept as bytes.</summary>
    public abstract void SettleResult(ReadOnlySpan<byte> json, WireConnection connection, int maxDepth);

    public abstract void SettleError(Exception error);

    /// <summary>Lets the caller go on, on this thread.</summary>
    public abstract void Complete();

    protected void End(bool hasFailed)
    {
        Registration.Unregister();
        _onEnd?.Invoke();
        if (hasFailed)
        {
            _onFailed?.Invoke();
        }
    }

    protected static Utf8JsonReader Reader(ReadOnlySpan<byte> json, int maxDepth)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = maxDepth });
        reader.Read();
        return reader;
    }
}
