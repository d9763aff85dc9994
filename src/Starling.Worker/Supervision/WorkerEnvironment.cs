using System.Globalization;
using System.Net.Sockets;
using Starling.Messaging.NodeIpc;

namespace Starling.Worker.Supervision;

/// <summary>
/// What a supervisor, or systemd, says to a worker by environment variables. Taking it removes the variables, so that programs which the worker
/// starts don't believe that it was meant for them.
/// </summary>
internal sealed record WorkerEnvironment(IReadOnlyList<int> Sockets, IReadOnlyList<string> HandedAddresses, string? NotifySocket, TimeSpan? WatchdogTimeout)
{
    /// <summary>Descriptors of listening sockets by number, separated by commas, in the order of the application's <c>listen</c>: <c>3,4</c>.</summary>
    private const string SocketsVariable = "STARLING_FDS";

    /// <summary>Addresses, separated by commas, at which the supervisor itself accepts; the connections come over the channel.</summary>
    private const string HandedVariable = "STARLING_CONNECTIONS";

    /// <summary>systemd's way: so many descriptors from 3 on, for the process with that id.</summary>
    private const string SystemdCount = "LISTEN_FDS";
    private const string SystemdProcess = "LISTEN_PID";
    private const string SystemdNames = "LISTEN_FDNAMES";
    private const int SystemdFirst = 3;

    /// <summary>Datagram socket to which the worker says that it is ready (systemd's <c>sd_notify</c>).</summary>
    private const string NotifyVariable = "NOTIFY_SOCKET";

    /// <summary>Microseconds within which systemd wants to hear of the process with that id.</summary>
    private const string WatchdogVariable = "WATCHDOG_USEC";
    private const string WatchdogProcess = "WATCHDOG_PID";

    /// <summary>The folder of the cluster that the process belongs to. It is read by <c>Starling.Cluster</c>, here or in <see cref="AppContext"/>.</summary>
    private const string ClusterFolder = "STARLING_CLUSTER";

    /// <exception cref="InvalidOperationException">A variable says what cannot be, or a descriptor is no listening socket.</exception>
    public static WorkerEnvironment Take()
    {
        // Each is taken even where another one decides, to be removed.
        var own = Take(SocketsVariable);
        var count = Take(SystemdCount);
        var process = Take(SystemdProcess);
        Take(SystemdNames);
        var watchdog = Take(WatchdogVariable);
        var watchedProcess = Take(WatchdogProcess);
        if (Take(ClusterFolder) is { } cluster)
        {
            AppContext.SetData(ClusterFolder, cluster);
        }

        var sockets = own is not null ? ParseList(own)
            : count is not null && IsThisProcess(process) ? [.. Enumerable.Range(SystemdFirst, Number(SystemdCount, count))]
            : (IReadOnlyList<int>)[];
        foreach (var descriptor in sockets)
        {
            Check(descriptor);
        }

        var timeout = watchdog is not null && (watchedProcess is null || IsThisProcess(watchedProcess))
            ? TimeSpan.FromMicroseconds(Number(WatchdogVariable, watchdog))
            : (TimeSpan?)null;
        var handed = Take(HandedVariable)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
        return new WorkerEnvironment(sockets, handed, Take(NotifyVariable), timeout > TimeSpan.Zero ? timeout : null);
    }

    private static string? Take(string variable)
    {
        var value = Environment.GetEnvironmentVariable(variable);
        Environment.SetEnvironmentVariable(variable, null);
        return string.IsNullOrEmpty(value) ? null : value;
    }

    private static bool IsThisProcess(string? id) => id == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);

    private static int[] ParseList(string text) =>
        [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(part => Number(SocketsVariable, part))];

    private static int Number(string variable, string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new InvalidOperationException($"The environment variable {variable} has '{text}' where a number is expected.");

    private static void Check(int descriptor)
    {
        try
        {
            using var socket = new Socket(new SafeSocketHandle(descriptor, ownsHandle: false));
            if (socket.SocketType == SocketType.Stream
                && (int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.AcceptConnection)! != 0)
            {
                UnixDescriptors.SetCloseOnExec(socket.SafeHandle, true);
                return;
            }
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            throw Unusable(descriptor, exception);
        }

        throw Unusable(descriptor, null);
    }

    private static InvalidOperationException Unusable(int descriptor, Exception? exception) => new(
        $"Descriptor {descriptor}, which this worker was told to listen on by {SocketsVariable} or {SystemdCount}, is no listening socket. Was it passed?",
        exception);
}
