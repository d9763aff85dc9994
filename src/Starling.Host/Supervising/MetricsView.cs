using System.Globalization;
using System.Text;
using Starling.Supervisor;
using Starling.Supervisor.Workers;

namespace Starling.Host.Supervising;

/// <summary>What runs as metrics in the text form of Prometheus (OpenMetrics), which OpenTelemetry's collector reads as well.</summary>
internal static class MetricsView
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    public static string Write(IReadOnlyList<WorkerInfo> workers)
    {
        var text = new StringBuilder();
        Add("starling_worker_up", "gauge", "Whether the worker is online.", worker => worker.Status == WorkerStatus.Online ? 1 : 0);
        Add("starling_worker_restarts_total", "counter", "How often the worker was started again.", worker => worker.Restarts);
        Add("starling_worker_memory_bytes", "gauge", "Resident memory.", worker => worker.Memory);
        Add("starling_worker_cpu_percent", "gauge", "Share of one core.", worker => worker.Cpu);
        Add("starling_worker_start_time_seconds", "gauge", "When its process was started, in seconds since 1970.", worker => worker.StartedAt?.ToUnixTimeMilliseconds() / 1000.0 ?? 0);
        return text.ToString();

        void Add(string name, string type, string help, Func<WorkerInfo, double> value)
        {
            text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {type}\n");
            foreach (var worker in workers)
            {
                text.Append(CultureInfo.InvariantCulture, $"{name}{{app=\"{Escape(worker.Name)}\",namespace=\"{Escape(worker.Namespace)}\",id=\"{worker.Id}\"}} {value(worker)}\n");
            }
        }
    }

    private static string Escape(string label) => label.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
