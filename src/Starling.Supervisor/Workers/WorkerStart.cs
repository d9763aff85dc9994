using System.Text.Json;
using Microsoft.Extensions.Logging;
using Starling.Messaging.NodeIpc.Cluster;
using Starling.Supervisor.Configuration;
using Starling.Supervisor.Logs;
using Starling.Supervisor.Sockets;

namespace Starling.Supervisor.Workers;

/// <summary>What a process is started, or adopted, with.</summary>
internal sealed record WorkerStart
{
    public required AppConfig Config { get; init; }

    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    public required IReadOnlyList<SharedSocket> Sockets { get; init; }

    /// <summary>Addresses whose connections it is handed by the supervisor.</summary>
    public required IReadOnlyList<string> HandedAddresses { get; init; }

    /// <summary>Where what the process writes goes. Ends with the process.</summary>
    public required WorkerLog Log { get; init; }

    /// <summary>What Node's <c>cluster</c> module in the process takes for its primary; null for other processes.</summary>
    public ClusterPrimary? Cluster { get; init; }

    /// <summary>Where what is wrong with the process is logged.</summary>
    public required ILogger Logger { get; init; }

    /// <summary>The variable, with its value, that marks a start of that number and all that comes of it.</summary>
    public required Func<long, string> Mark { get; init; }

    /// <summary>The programs that are not ended with the process although they carry its mark.</summary>
    public required Callers Callers { get; init; }

    /// <summary>Completes when its messages may be read: not before those who get them are adopted as well.</summary>
    public required Task MayRead { get; init; }

    public required Action<WorkerProcess, string> OnListening { get; init; }

    public required Action<WorkerProcess, JsonElement> OnMessage { get; init; }

    /// <summary>Called once, when it loses messages of other applications since it does not read them.</summary>
    public required Action<WorkerProcess> OnSlow { get; init; }

    public WorkerProcess ToProcess(ISystemProcess process, WorkerProcessRecord record, WorkerLinks links, TimeProvider time) =>
        new(process, record, links, time, this);
}
