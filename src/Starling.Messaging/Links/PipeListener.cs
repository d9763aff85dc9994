using System.IO.Pipes;

namespace Starling.Messaging.Links;

/// <summary>Listens on a named pipe, for processes of the same user.</summary>
internal sealed class PipeListener : ILinkListener
{
    private readonly CancellationTokenSource _disposed = new();
    private NamedPipeServerStream _next;

    /// <exception cref="IOException">Another process listens there.</exception>
    public PipeListener(LinkAddress address)
    {
        Address = address;
        try
        {
            _next = Create(PipeOptions.FirstPipeInstance);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{address} cannot be listened on, probably because another process does: {e.Message}", e);
        }
    }

    public LinkAddress Address { get; }

    public async Task<Func<CancellationToken, Task<Link>>?> AcceptAsync()
    {
        try
        {
            await _next.WaitForConnectionAsync(_disposed.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            return null;
        }

        var connected = _next;
        _next = Create(PipeOptions.None);
        return _ => Task.FromResult(Link.Over(connected, Address.ToString()));
    }

    public async ValueTask DisposeAsync()
    {
        await _disposed.CancelAsync();
        await _next.DisposeAsync();
    }

    private NamedPipeServerStream Create(PipeOptions extra) => new(
        Address.Name, PipeDirection.InOut, NamedPipeServerStream.MaxAllowedServerInstances, PipeTransmissionMode.Byte,
        PipeOptions.Asynchronous | PipeOptions.CurrentUserOnly | extra);
}
