using System.Diagnostics;

namespace Starling.Messaging.Tests;

/// <summary>A script of the folder npm, run by Node.js.</summary>
internal sealed class NodeProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task<string> _errors;

    private NodeProcess(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
    }

    public static NodeProcess Start(params string[] arguments) => new(Process.Start(new ProcessStartInfo("node", arguments)
    {
        WorkingDirectory = Folder(),
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!);

    /// <summary>Runs a script to its end, which must be a good one.</summary>
    public static async Task RunAsync(params string[] arguments)
    {
        await using var node = Start(arguments);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        await node._process.WaitForExitAsync(limit.Token);
        Assert.True(node._process.ExitCode == 0, $"{string.Join(' ', arguments)} ended with {node._process.ExitCode}:\n{await node._errors}");
    }

    /// <summary>Waits for the next line that the script writes.</summary>
    public async Task<string> ReadLineAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        return await _process.StandardOutput.ReadLineAsync(limit.Token) ?? throw new InvalidOperationException("The script ended: " + await _errors);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    public static string Folder()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Starling.slnx")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("Starling.slnx was not found.");
        }

        return Path.Combine(folder.FullName, "tests", "Starling.Messaging.Tests", "npm");
    }
}
