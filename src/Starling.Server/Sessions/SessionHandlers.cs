using Microsoft.Extensions.Logging;
using Starling.Server.Diagnostics;

namespace Starling.Server.Sessions;

/// <summary>What an application does with one Engine.IO session.</summary>
public sealed class SessionHandlers : ISessionConsumer
{
    private readonly ILogger _logger;
    private Func<ReadOnlyMemory<byte>, bool, ValueTask>? _onMessage;
    private Action<DisconnectReason>? _onClosed;

    internal SessionHandlers(ILogger logger) => _logger = logger;

    /// <summary>Sets what happens with each message. One at a time, in order; the client waits meanwhile.</summary>
    /// <param name="handler">Gets the message, valid until the returned task completes, and whether it is bytes (else UTF-8 text).</param>
    public void OnMessage(Func<ReadOnlyMemory<byte>, bool, ValueTask> handler) => _onMessage = handler;

    /// <summary>Sets what happens once the session has ended.</summary>
    /// <param name="handler">Gets the reason.</param>
    public void OnClosed(Action<DisconnectReason> handler) => _onClosed = handler;

    async ValueTask ISessionConsumer.OnMessageAsync(Session session, ReadOnlyMemory<byte> data, bool isBinary)
    {
        try
        {
            if (_onMessage is { } handler)
            {
                await handler(data, isBinary);
            }
        }
        catch (Exception exception)
        {
            _logger.MessageHandlerFailed(exception, session.Id);
        }
    }

    void ISessionConsumer.OnClosed(Session session, DisconnectReason reason)
    {
        try
        {
            _onClosed?.Invoke(reason);
        }
        catch (Exception exception)
        {
            _logger.MessageHandlerFailed(exception, session.Id);
        }
    }
}
