using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Starling.Messaging;
using Starling.Supervisor.Keeping;

namespace Starling.Supervisor.Control;

/// <summary>
/// The process that commands talk to: a supervisor, its control socket, and its keeper. One for each folder. When it dies, or leaves, workers go on; the keeper starts
/// the next one, which adopts them.
/// </summary>
public static class Daemon
{
    /// <summary>Clients that read logs or events never come to an end by themselves.</summary>
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Runs until it is told to end, by <see cref="ISupervisor.KillAsync"/> or a signal, when all workers have ended; or by <see cref="ISupervisor.UpdateAsync"/>,
    /// when all go on and the process has to end, so that its keeper starts the next one.
    /// </summary>
    /// <exception cref="SupervisorException">This is Windows, which has no supervisor.</exception>
    /// <exception cref="IOException">Another daemon has the folder, or it cannot be used.</exception>
    public static async Task RunAsync(DaemonOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        SupportedSystem.Require();
        var log = options.Supervisor.LoggerFactory.CreateLogger(typeof(Daemon));
        var folder = new SupervisorFolder(options.Supervisor.Folder);
        var (keeper, kept) = await KeeperLink.OpenAsync(options.Keeper, log);
        await using var keeperScope = keeper;
        using var folderLock = await FolderLock.TakeAsync(folder.LockFile, options.Supervisor.Time)
            ?? throw new IOException($"Another supervisor has {folder.Path}. End it by 'starling kill', or choose another folder by {SupervisorFolder.Variable}.");
        await using var supervisor = await LocalSupervisor.StartAsync(options.Supervisor, keeper, kept, keeper.Exits, keeper.Note, CancellationToken.None);
        using var terminated = Stop(PosixSignal.SIGTERM, supervisor, log);
        using var interrupted = Stop(PosixSignal.SIGINT, supervisor, log);
        keeper.OnStop = () => supervisor.KillAsync(CancellationToken.None).Observe(log, "The end of the supervisor");
        var services = new RpcServices().Add<ISupervisor>(supervisor);
        await using var server = await RpcServer.StartAsync("unix://" + folder.ControlSocket, services, new MessagingOptions { CallTimeout = SupervisorClient.LongestCall, CloseTimeout = Farewell });
        log.SupervisorReady(folder.Path, Environment.ProcessId);
        if (await Task.WhenAny(supervisor.Killed, supervisor.Leaving) == supervisor.Leaving)
        {
            log.SupervisorLeaves(folder.Path);
            keeper.Leave();
        }
    }

    private static PosixSignalRegistration Stop(PosixSignal signal, LocalSupervisor supervisor, ILogger log) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        supervisor.KillAsync(CancellationToken.None).Observe(log, "The end of the supervisor");
    });
}
