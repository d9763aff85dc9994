using System.Globalization;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Starling.Supervisor;
using Starling.Supervisor.Configuration;
using Starling.Supervisor.Workers;

namespace Starling.Host.Supervising;

/// <summary>
/// What runs in the shape that <c>pm2 web</c> and <c>pm2 jlist</c> give, for the tools that read it. Over HTTP environment variables are left out: they hold secrets.
/// </summary>
internal static class Pm2View
{
    public static JsonObject System(IReadOnlyList<WorkerDetails> workers) => new()
    {
        ["system_info"] = new JsonObject { ["hostname"] = Environment.MachineName, ["uptime"] = Environment.TickCount64 / 1000.0 },
        ["monit"] = new JsonObject
        {
            ["loadavg"] = new JsonArray([.. LoadAverages().Select(load => JsonValue.Create(load))]),
            ["total_mem"] = Memory("MemTotal"),
            ["free_mem"] = Memory("MemAvailable"),
            ["cpu"] = new JsonArray([.. Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new JsonObject())]),
            ["interfaces"] = Interfaces(),
        },
        ["processes"] = new JsonArray([.. workers.Select(Process)]),
    };

    /// <summary>A process as <c>pm2 jlist</c> shows it, with its environment variables.</summary>
    public static JsonObject ProcessWithVariables(WorkerDetails details)
    {
        var process = Process(details);
        process["pm2_env"]!["env"] = new JsonObject(details.Environment.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)JsonValue.Create(pair.Value))));
        return process;
    }

    public static JsonObject Process(WorkerDetails details)
    {
        var (worker, config) = (details.Worker, details.Config);
        return new JsonObject
        {
            ["pid"] = worker.Pid ?? 0,
            ["name"] = worker.Name,
            ["pm2_env"] = new JsonObject
            {
                ["name"] = worker.Name,
                ["namespace"] = worker.Namespace,
                ["status"] = Status(worker.Status),
                ["pm_uptime"] = worker.StartedAt?.ToUnixTimeMilliseconds() ?? 0,
                ["restart_time"] = worker.Restarts,
                ["unstable_restarts"] = worker.UnstableRestarts,
                ["exec_mode"] = config.ExecMode == ExecMode.Cluster ? "cluster_mode" : "fork_mode",
                ["exec_interpreter"] = config.Interpreter ?? AppConfig.NoInterpreter,
                ["pm_exec_path"] = config.Script,
                ["pm_cwd"] = config.Cwd,
                ["pm_out_log_path"] = details.Logs.Out,
                ["pm_err_log_path"] = details.Logs.Error,
                ["args"] = new JsonArray([.. config.Args.Select(argument => JsonValue.Create(argument))]),
                ["instances"] = config.Instances,
                ["instance_var"] = config.InstanceVar,
                [config.InstanceVar] = worker.Instance,
                ["autorestart"] = config.AutoRestart,
                ["watch"] = worker.IsWatched,
                ["username"] = worker.User ?? Environment.UserName,
                ["pm_id"] = worker.Id,
            },
            ["pm_id"] = worker.Id,
            ["monit"] = new JsonObject { ["memory"] = worker.Memory, ["cpu"] = worker.Cpu },
        };
    }

    private static string Status(WorkerStatus status) => status switch
    {
        WorkerStatus.Online => "online",
        WorkerStatus.Starting => "launching",
        WorkerStatus.Draining => "stopping",
        WorkerStatus.WaitingRestart => "waiting restart",
        WorkerStatus.Errored => "errored",
        _ => "stopped",
    };

    private static IEnumerable<double> LoadAverages() => File.Exists("/proc/loadavg")
        ? File.ReadAllText("/proc/loadavg").Split(' ').Take(3).Select(load => double.Parse(load, CultureInfo.InvariantCulture))
        : [0, 0, 0];

    private static long Memory(string name)
    {
        var line = File.Exists("/proc/meminfo") ? File.ReadLines("/proc/meminfo").FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.Ordinal)) : null;
        return line is null ? 0 : 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    private static JsonObject Interfaces()
    {
        var interfaces = new JsonObject();
        foreach (var network in NetworkInterface.GetAllNetworkInterfaces())
        {
            interfaces[network.Name] = new JsonArray([.. network.GetIPProperties().UnicastAddresses.Select(address => new JsonObject
            {
                ["address"] = address.Address.ToString(),
                ["family"] = address.Address.AddressFamily == AddressFamily.InterNetwork ? "IPv4" : "IPv6",
                ["mac"] = string.Join(':', network.GetPhysicalAddress().GetAddressBytes().Select(part => part.ToString("x2", CultureInfo.InvariantCulture))),
                ["internal"] = network.NetworkInterfaceType == NetworkInterfaceType.Loopback,
            })]);
        }

        return interfaces;
    }
}
