using System.Diagnostics;
using System.Globalization;
using Starling.Apps.Cache.Links;

namespace Starling.Apps.Cache.Supervision;

/// <summary>
/// A service in a process of its own. It ends when its standard input does, so it cannot outlive main, however main ends.
/// </summary>
internal sealed class ProcessRun : IServiceRun
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private readonly Process _process;

    /// <exception cref="System.ComponentModel.Win32Exception">The program cannot be started.</exception>
    public ProcessRun(IReadOnlyList<string> command, MemberOptions options)
    {
        string[] arguments =
            ["--service", options.Role, "--name", options.Name, "--connect", options.Address, "--data", options.Folder, "--attached"];
        var start = new ProcessStartInfo(command[0], [.. command.Skip(1), .. arguments]) { RedirectStandardInput = true };
        if (options.Key is { } key)
        {
            // Not as an argument: every user of the machine may read those.
            start.Environment[MemberKey.Variable] = key.Text;
        }

        _process = Process.Start(start) ?? throw new InvalidOperationException("The process was not started.");
        Ended = EndAsync();
    }

    public Task<string> Ended { get; }

    public string Description => string.Create(CultureInfo.InvariantCulture, $"process {_process.Id}");

    public async Task KillAsync()
    {
        _process.Kill();
        await Ended;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.StandardInput.Close();
            try
            {
                await _process.WaitForExitAsync().WaitAsync(Grace);
            }
            catch (TimeoutException)
            {
                await KillAsync();
            }
        }

        await Ended;
        _process.Dispose();
    }

    private async Task<string> EndAsync()
    {
        await _process.WaitForExitAsync();
        return string.Create(CultureInfo.InvariantCulture, $"exit code {_process.ExitCode}");
    }
}
