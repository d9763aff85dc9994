using System.Net.Sockets;
using Starling.Messaging.NodeIpc;
using Starling.Messaging.Tests.NodeIpc;

namespace Starling.Worker.Tests.Processes;

/// <summary>The test application, started as a supervisor starts it.</summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly string _log;
    private readonly NotifySocket _notify;

    private WorkerProcess(int id, NotifySocket notify, NodeChannel channel, string log)
    {
        Id = id;
        _notify = notify;
        _log = log;
        Channel = channel;
        Exited = PosixSpawn.WaitAsync(id);
    }

    public int Id { get; }

    public NodeChannel Channel { get; }

    /// <summary>Its exit code.</summary>
    public Task<int> Exited { get; }

    public string Log => File.ReadAllText(_log);

    public static string Program => Path.Combine(AppContext.BaseDirectory, "Starling.Worker.TestApp.dll");

    public static WorkerProcess Start(Socket[] sockets, params string[] arguments)
    {
        var log = Path.Combine(Path.GetTempPath(), $"starling-{Guid.NewGuid():N}.log");
        var notify = new NotifySocket();
        var (channel, theirs) = NodeChannel.CreatePair();
        using (theirs)
        using (var output = File.OpenHandle(log, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite))
        {
            System.Runtime.InteropServices.SafeHandle?[] descriptors = [null, output, output, .. sockets.Select(static socket => socket.SafeHandle), theirs];
            var variables = new Dictionary<string, string>
            {
                ["STARLING_FDS"] = string.Join(',', sockets.Select(static (_, index) => 3 + index)),
                ["NOTIFY_SOCKET"] = notify.Path,
                ["NODE_CHANNEL_FD"] = $"{3 + sockets.Length}",
                ["NODE_CHANNEL_SERIALIZATION_MODE"] = "json",
            };
            var worker = new WorkerProcess(
                PosixSpawn.Start("dotnet", [Program, .. arguments], variables, descriptors), notify, channel, log);
            channel.Start();
            return worker;
        }
    }

    public static async Task<WorkerProcess> StartReadyAsync(Socket[] sockets, params string[] arguments)
    {
        var worker = Start(sockets, arguments);
        try
        {
            await worker.NotifiedAsync("READY=1");
            return worker;
        }
        catch
        {
            await worker.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until the worker has notified a line that begins like this, and returns it.</summary>
    public async Task<string> NotifiedAsync(string beginning)
    {
        try
        {
            return await _notify.WaitAsync(beginning).WaitAsync(Limit);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"The worker did not say {beginning}. Its log:\n{Log}");
        }
    }

    public bool HasNotified(string beginning) => _notify.WaitAsync(beginning).IsCompleted;

    public async Task<NodeMessage> ReadAsync() => await Channel.Messages.ReadAsync().AsTask().WaitAsync(Limit);

    public void Signal(int signal) => Assert.Equal(0, PosixSpawn.Kill(Id, signal));

    /// <summary>Sends SIGTERM, waits for the end, and returns what was said of the drain.</summary>
    public async Task<string> StopAsync()
    {
        Signal(15);
        var code = await Exited.WaitAsync(Limit);
        Assert.True(code == 0, $"The worker ended with {code}. Its log:\n{Log}");
        return await NotifiedAsync("X_STARLING_DRAIN=");
    }

    public async ValueTask DisposeAsync()
    {
        if (!Exited.IsCompleted)
        {
            Signal(9);
        }

        await Exited.WaitAsync(Limit);
        await Channel.DisposeAsync();
        _notify.Dispose();
        File.Delete(_log);
    }
}
