namespace Starling.Messaging.Links;

/// <summary>Speaks over standard input and output, as a language server does. Whatever else writes to the console then breaks the link.</summary>
internal sealed class StandardStreams : ILinkListener
{
    private readonly TaskCompletionSource<Func<CancellationToken, Task<Link>>?> _end = new();
    private int _isAccepted;

    public LinkAddress Address { get; } = LinkAddress.Parse("stdio:");

    public static Link Open()
    {
        var output = Console.OpenStandardOutput();
        return Link.Over(Console.OpenStandardInput(), output, "stdio:", output.DisposeAsync, output.Dispose);
    }

    /// <remarks>There is one peer, and no second one ever.</remarks>
    public Task<Func<CancellationToken, Task<Link>>?> AcceptAsync() => Interlocked.Exchange(ref _isAccepted, 1) == 0
        ? Task.FromResult<Func<CancellationToken, Task<Link>>?>(_ => Task.FromResult(Open()))
        : _end.Task;

    public ValueTask DisposeAsync()
    {
        _end.TrySetResult(null);
        return ValueTask.CompletedTask;
    }
}
