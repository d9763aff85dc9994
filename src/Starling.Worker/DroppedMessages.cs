using Microsoft.Extensions.Logging;
using Starling.Messaging.NodeIpc;

namespace Starling.Worker;

/// <summary>Messages of the supervisor that cannot be used, such as those over the limit: the program is told of the first. Owner: the host. Thread-safe.</summary>
internal sealed class DroppedMessages
{
    private ILogger? _logger;
    private bool _isLogged;

    /// <summary>Says where it is logged. Nothing is received before.</summary>
    public void LogTo(ILogger logger) => _logger = logger;

    /// <summary>Notes a message.</summary>
    public void Add(NodeChannelException reason)
    {
        if (!_isLogged)
        {
            _isLogged = true;
            _logger?.MessageUnusable(reason.Message);
        }
    }
}
