using System.Diagnostics;
using System.Globalization;
using System.Net;
using Starling.EndToEnd.Tests.Hosts;

namespace Starling.EndToEnd.Tests.Exchange;

/// <summary>A trader that is a process of plain Node (<c>client.mjs</c>). It can be killed at any moment, and another takes its place.</summary>
internal sealed class NodeTrader(string name, string token, IPEndPoint exchange, IPEndPoint feed, TraderBook book) : IAsyncDisposable
{
    private Process? _process;
    private Task _reading = Task.CompletedTask;

    public void Start()
    {
        var script = Path.Combine(Repository.Root, "tests", "Starling.EndToEnd.Tests", "Exchange", "client.mjs");
        string[] arguments =
        [
            script, exchange.Port.ToString(CultureInfo.InvariantCulture), feed.Address.ToString(), feed.Port.ToString(CultureInfo.InvariantCulture), name, token, "trade",
        ];
        _process = Process.Start(new ProcessStartInfo("node", arguments) { RedirectStandardOutput = true })!;
        _reading = ReadAsync(_process.StandardOutput);
    }

    /// <summary>Ends it at once. What it had told before is read to the end: Node writes to a pipe before it goes on.</summary>
    public async Task KillAsync()
    {
        if (_process is { } process)
        {
            process.Kill();
            await process.WaitForExitAsync();
            await _reading;
            process.Dispose();
            _process = null;
            book.Lost();
        }
    }

    public async ValueTask DisposeAsync() => await KillAsync();

    private async Task ReadAsync(StreamReader output)
    {
        while (await output.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("ORDER ", StringComparison.Ordinal))
            {
                book.Order(line["ORDER ".Length..]);
            }
            else if (line == $"ANSWER OK {name}")
            {
                // It has signed in anew; the order before, if any, was never answered.
                book.Lost();
            }
            else
            {
                book.Answer(line["ANSWER ".Length..]);
            }
        }
    }
}
