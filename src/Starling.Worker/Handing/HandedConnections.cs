using System.Net.Sockets;
using Starling.Messaging.NodeIpc;
using Starling.Worker.Supervision;

namespace Starling.Worker.Handing;

/// <summary>
/// The connections that the supervisor accepts for this worker and hands over by the channel, and how many of them are open, which the supervisor is told
/// after every change. Owner: the host. Thread-safe.
/// </summary>
internal sealed class HandedConnections(WorkerEnvironment environment)
{
    private static ReadOnlySpan<byte> MessageType => "starling:connection"u8;

    private readonly Lock _gate = new();
    private Func<ConnectionReport, Task>? _send;
    private long _taken;
    private int _open;
    private bool _isReporting;
    private bool _hasChanged;

    /// <summary>What the worker listens on in this way; empty if it accepts by itself.</summary>
    public IReadOnlyList<HandedEndPoint> EndPoints { get; } = [.. environment.HandedAddresses.Select(address => new HandedEndPoint(address))];

    /// <summary>Says where reports go. The first one goes at once and says that there are reports.</summary>
    public void ReportTo(Func<ConnectionReport, Task> send)
    {
        _send = send;
        if (EndPoints.Count > 0)
        {
            Report();
        }
    }

    /// <summary>Takes a connection off a message; false if the message brings none.</summary>
    public bool TryTake(NodeMessage message)
    {
        if (EndPoints.Count == 0 || message.Handle is not { } handle
            || !NodeJson.TryGet(message.Body, "type", out var type) || !NodeJson.IsText(type, MessageType))
        {
            return false;
        }

        var number = NodeJson.Number(message.Body, "listen") is { } given && given >= 0 && given < EndPoints.Count ? (int)given : 0;
        lock (_gate)
        {
            _taken++;
            _open++;
        }

        using (handle)
        using (var copy = UnixDescriptors.Duplicate(handle.Descriptor))
        {
            var socket = new HandedSocket(new SafeSocketHandle(copy.DangerousGetHandle(), ownsHandle: true), OnClosed);
            copy.SetHandleAsInvalid();
            EndPoints[number].Add(socket);
        }

        Report();
        return true;
    }

    /// <summary>Takes no more; what has come is served.</summary>
    public void Close()
    {
        foreach (var endPoint in EndPoints)
        {
            endPoint.Complete();
        }
    }

    private void OnClosed()
    {
        lock (_gate)
        {
            _open--;
        }

        Report();
    }

    /// <summary>One report at a time: what changes while it is sent goes into the next.</summary>
    private void Report()
    {
        lock (_gate)
        {
            _hasChanged = true;
            if (_isReporting || _send is null)
            {
                return;
            }

            _isReporting = true;
        }

        _ = ReportAsync(_send);
    }

    private async Task ReportAsync(Func<ConnectionReport, Task> send)
    {
        while (true)
        {
            ConnectionReport report;
            lock (_gate)
            {
                if (!_hasChanged)
                {
                    _isReporting = false;
                    return;
                }

                _hasChanged = false;
                report = new ConnectionReport(_taken, _open);
            }

            try
            {
                await send(report);
            }
            catch (Exception)
            {
                // The supervisor has left, and hands nothing over any more. What it has handed over goes on.
                _send = null;
            }
        }
    }
}
