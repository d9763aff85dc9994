using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Starling.Messaging.NodeIpc;
using Starling.Supervisor.Keeping;
using Starling.Supervisor.Spawning;

namespace Starling.Supervisor.Workers;

/// <summary>
/// What connects the supervisor with one process: its output, its IPC channel and the socket of its notifications. Copies of our ends are kept elsewhere,
/// so that the next supervisor can go on with them. Owner: <see cref="WorkerProcess"/>.
/// </summary>
internal sealed class WorkerLinks : IAsyncDisposable
{
    private readonly IDescriptorStore _store;
    private readonly long _number;

    private WorkerLinks(IDescriptorStore store, long number, SafeFileHandle output, SafeFileHandle error, SafeFileHandle channel, NotifySocket notify)
    {
        (_store, _number, Notify) = (store, number, notify);
        Output = DescriptorPipe.OpenStream(output, FileAccess.Read);
        Error = DescriptorPipe.OpenStream(error, FileAccess.Read);
        Channel = NodeChannel.Attach(channel, new NodeChannelOptions { Dropped = reason => OnDropped?.Invoke(reason) });
    }

    /// <summary>Told when a message of the process cannot be used.</summary>
    public Action<Exception>? OnDropped { get; set; }

    public Stream Output { get; }

    public Stream Error { get; }

    public NodeChannel Channel { get; }

    public NotifySocket Notify { get; }

    /// <summary>Makes the links of a process that is about to start.</summary>
    /// <returns>Our ends, and those that the process gets; the latter are to be disposed once it has them.</returns>
    public static async Task<(WorkerLinks Links, WorkerEnds Ends)> CreateAsync(IDescriptorStore store, long number, Func<NotifySocket> notify)
    {
        var made = new List<SafeFileHandle>();
        try
        {
            var (output, theirOutput) = DescriptorPipe.Create();
            made.AddRange([output, theirOutput]);
            var (error, theirError) = DescriptorPipe.Create();
            made.AddRange([error, theirError]);
            var (channel, theirChannel) = UnixDescriptors.CreateSocketPair();
            made.AddRange([channel, theirChannel]);
            await store.StoreAsync(Name(number, "out"), output, CancellationToken.None);
            await store.StoreAsync(Name(number, "err"), error, CancellationToken.None);
            await store.StoreAsync(Name(number, "ipc"), channel, CancellationToken.None);
            return (new WorkerLinks(store, number, output, error, channel, notify()), new WorkerEnds(theirOutput, theirError, theirChannel));
        }
        catch
        {
            made.ForEach(static descriptor => descriptor.Dispose());
            await RemoveAsync(store, number);
            throw;
        }
    }

    /// <summary>Takes over the links of a process that a former supervisor started; null when they were not kept.</summary>
    public static WorkerLinks? Adopt(IDescriptorStore store, long number, Func<NotifySocket> notify, IDictionary<string, SafeFileHandle> kept)
    {
        if (kept.Remove(Name(number, "out"), out var output) & kept.Remove(Name(number, "err"), out var error) & kept.Remove(Name(number, "ipc"), out var channel))
        {
            return new WorkerLinks(store, number, output!, error!, channel!, notify());
        }

        output?.Dispose();
        error?.Dispose();
        channel?.Dispose();
        return null;
    }

    public async ValueTask DisposeAsync()
    {
        await RemoveAsync(_store, _number);
        await Channel.DisposeAsync();
        await Output.DisposeAsync();
        await Error.DisposeAsync();
        Notify.Dispose();
    }

    private static async ValueTask RemoveAsync(IDescriptorStore store, long number)
    {
        foreach (var link in (string[])["out", "err", "ipc"])
        {
            await store.RemoveAsync(Name(number, link));
        }
    }

    private static string Name(long number, string link) => string.Create(CultureInfo.InvariantCulture, $"worker:{number}:{link}");
}
