using System.Text.Json;
using Starling.Messaging;
using Starling.Supervisor.Logs;
using Starling.Supervisor.Rolling;
using Starling.Supervisor.Workers;

namespace Starling.Supervisor;

/// <summary>
/// Keeps applications up. What the commands of <c>starling</c> do, as C#: within this process (<see cref="LocalSupervisor"/>) or by the daemon's control socket
/// (SupervisorClient). A <c>target</c> is the name of an application or of a namespace, the number of a worker, or <c>all</c>.
/// </summary>
/// <remarks>All methods throw <see cref="SupervisorException"/> when something cannot be done; by the control socket it arrives as <see cref="RpcException"/>.</remarks>
[RpcService("supervisor")]
public interface ISupervisor
{
    /// <summary>Who is asked.</summary>
    Task<SupervisorInfo> GetInfoAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Says which process asks, so that the supervisor does not end it, or the shell that runs it, as something that a worker left behind: a command may be given from
    /// inside a worker.
    /// </summary>
    /// <param name="pid">Id of the process.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task AnnounceAsync(int pid, CancellationToken cancellationToken);

    /// <summary>Starts applications, in the order that they depend on each other. One that is there already gets the new configuration and is restarted.</summary>
    /// <returns>Their workers.</returns>
    Task<IReadOnlyList<WorkerInfo>> StartAsync(IReadOnlyList<WorkerGroupRecord> apps, CancellationToken cancellationToken);

    /// <summary>Starts what is there but does not run.</summary>
    Task<IReadOnlyList<WorkerInfo>> ResumeAsync(string target, CancellationToken cancellationToken);

    /// <summary>Stops processes and keeps them in the list.</summary>
    Task<IReadOnlyList<WorkerInfo>> StopAsync(string target, CancellationToken cancellationToken);

    /// <summary>Stops processes and starts them again.</summary>
    /// <param name="target">Which.</param>
    /// <param name="update">Environment that replaces the former one; null to keep it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<IReadOnlyList<WorkerInfo>> RestartAsync(string target, EnvironmentUpdate? update, CancellationToken cancellationToken);

    /// <summary>Replaces processes one after the other without refusing or cutting connections.</summary>
    /// <param name="target">Which.</param>
    /// <param name="update">Environment that replaces the former one; null to keep it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<IReadOnlyList<ReloadReport>> ReloadAsync(string target, EnvironmentUpdate? update, CancellationToken cancellationToken);

    /// <summary>
    /// Gives applications another configuration and environment and replaces their processes without refusing or cutting connections. An application that is not
    /// there is started.
    /// </summary>
    /// <returns>How it went, for each application that was there.</returns>
    Task<IReadOnlyList<ReloadReport>> ReloadAppsAsync(IReadOnlyList<WorkerGroupRecord> apps, CancellationToken cancellationToken);

    /// <summary>Counts restarts from 0 again.</summary>
    Task<IReadOnlyList<WorkerInfo>> ResetAsync(string target, CancellationToken cancellationToken);

    /// <summary>Changes the number of processes of an application.</summary>
    /// <param name="app">Name of the application.</param>
    /// <param name="count"><c>4</c>, <c>+2</c> or <c>-1</c>; <c>0</c> leaves none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<IReadOnlyList<WorkerInfo>> ScaleAsync(string app, string count, CancellationToken cancellationToken);

    /// <summary>Stops processes and takes them from the list.</summary>
    Task<IReadOnlyList<WorkerInfo>> DeleteAsync(string target, CancellationToken cancellationToken);

    /// <summary>All workers, in the order of their numbers.</summary>
    Task<IReadOnlyList<WorkerInfo>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Workers with all that is known of them.</summary>
    Task<IReadOnlyList<WorkerDetails>> DescribeAsync(string target, CancellationToken cancellationToken);

    /// <summary>The last lines of logs, oldest first.</summary>
    Task<IReadOnlyList<LogLine>> TailAsync(string target, int lines, CancellationToken cancellationToken);

    /// <summary>Lines as they are written, until it is cancelled. A follower that is too slow loses lines and is told how many.</summary>
    IAsyncEnumerable<LogLine> FollowAsync(string target, CancellationToken cancellationToken);

    /// <summary>Empties logs.</summary>
    Task FlushAsync(string target, CancellationToken cancellationToken);

    /// <summary>Opens log files anew, after another program put them aside.</summary>
    Task ReopenLogsAsync(CancellationToken cancellationToken);

    /// <summary>Sends a message to processes by their IPC channel (<c>process.on('message')</c> in Node.js).</summary>
    /// <returns>Number of processes that it was sent to.</returns>
    Task<int> SendAsync(string target, JsonElement message, CancellationToken cancellationToken);

    /// <summary>Sends a signal to processes.</summary>
    /// <param name="target">Which.</param>
    /// <param name="signal"><c>SIGHUP</c>, <c>HUP</c> or a number.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Number of processes that it was sent to.</returns>
    Task<int> SignalAsync(string target, string signal, CancellationToken cancellationToken);

    /// <summary>What happens to workers, until it is cancelled.</summary>
    IAsyncEnumerable<SupervisorEvent> ListenAsync(CancellationToken cancellationToken);

    /// <summary>Writes down what runs, for <see cref="ResurrectAsync"/>.</summary>
    /// <returns>Path of the file.</returns>
    Task<string> SaveAsync(CancellationToken cancellationToken);

    /// <summary>Starts what was saved and is not there.</summary>
    Task<IReadOnlyList<WorkerInfo>> ResurrectAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Ends the daemon and none of its processes, as soon as nothing is under way. Its keeper starts the program again, as its files are now, and that goes on with
    /// all of them: so a new version takes over without a gap.
    /// </summary>
    /// <exception cref="SupervisorException">This supervisor is no daemon: nobody would start it again.</exception>
    Task UpdateAsync(CancellationToken cancellationToken);

    /// <summary>Stops all processes and the daemon.</summary>
    Task KillAsync(CancellationToken cancellationToken);
}
