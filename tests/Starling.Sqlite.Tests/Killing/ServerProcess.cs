using System.Diagnostics;

namespace Starling.Sqlite.Tests.Killing;

/// <summary>A document server on an SQLite file, as a process of its own that can be killed.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process _process;

    private ServerProcess(Process process, Uri url)
    {
        _process = process;
        Url = url;
    }

    public Uri Url { get; }

    public static async Task<ServerProcess> StartAsync(string database, CancellationToken cancellationToken)
    {
        var process = Process.Start(new ProcessStartInfo(
            "dotnet",
            [Program(), "documents-sqlite", "--urls", "http://127.0.0.1:0", "--database", database, "--Logging:LogLevel:Default", "Warning"])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = Path.GetTempPath(),
        })!;
        while (await process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.StartsWith("listening ", StringComparison.Ordinal))
            {
                _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
                return new ServerProcess(process, new Uri(line["listening http".Length..].Insert(0, "ws")));
            }
        }

        throw new InvalidOperationException("The server ended before it listened.");
    }

    /// <summary>Ends it as a power failure would: by SIGKILL, in the middle of whatever it does.</summary>
    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    // Beside the tests, in the same configuration.
    private static string Program()
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        return Path.Combine(own.Parent!.Parent!.FullName, "Starling.Conformance.Server", own.Name, "Starling.Conformance.Server.dll");
    }
}
