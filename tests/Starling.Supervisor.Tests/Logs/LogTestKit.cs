using System.Text;
using Starling.Supervisor.Configuration;
using Starling.Supervisor.Logs;

namespace Starling.Supervisor.Tests.Logs;

/// <summary>A store of logs in a folder of its own.</summary>
internal sealed class LogTestKit : IAsyncDisposable
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public LogTestKit(TimeProvider? time = null)
    {
        Store = new LogStore(time ?? TimeProvider.System);
    }

    public ScratchFolder Folder { get; } = new();

    public LogStore Store { get; }

    public WorkerLog Open(LogConfig? config = null, string name = "api", int instance = 0) =>
        Store.Open(new AppConfig { Name = name, Script = "/a", Cwd = "/", Log = (config ?? new LogConfig()) with { Merge = config?.Merge ?? true } }, instance, instance + 10, Folder.Path);

    public string Read(string name) => File.ReadAllText(Folder.Combine(name));

    public static void Write(WorkerLog log, string text, LogStream stream = LogStream.Out) => log.Write(stream, Encoding.UTF8.GetBytes(text));

    public static async Task UntilAsync(Func<bool> condition, string what)
    {
        var start = Environment.TickCount64;
        while (!condition())
        {
            Assert.True(Environment.TickCount64 - start < Limit.TotalMilliseconds, $"{what} did not happen in time");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        Folder.Dispose();
    }
}
