using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Starling.EndToEnd.Tests.Hosts;

namespace Starling.EndToEnd.Tests.Exchange;

/// <summary><c>starling apps exchange</c> as a process, with its console. Ended when the test is over.</summary>
internal sealed partial class ExchangeProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string? _temporaryFolder;

    private ExchangeProcess(Process process, IPEndPoint endPoint, IPEndPoint feed, string? temporaryFolder)
    {
        (_process, EndPoint, Feed, _temporaryFolder) = (process, endPoint, feed, temporaryFolder);
    }

    public IPEndPoint EndPoint { get; }

    public IPEndPoint Feed { get; }

    /// <summary>Starts an exchange.</summary>
    /// <param name="folder">Where its books are; none: in a folder that goes with it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="listen">Where clients connect; none: on a free port.</param>
    public static async Task<ExchangeProcess> StartAsync(string? folder, CancellationToken cancellationToken, IPEndPoint? listen = null)
    {
        var temporary = folder is null ? Directory.CreateTempSubdirectory("starling-exchange-").FullName : null;
        using var probe = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var feed = new IPEndPoint(IPAddress.Parse("239.192.77.2"), ((IPEndPoint)probe.Client.LocalEndPoint!).Port);
        string[] arguments =
        [
            Repository.Host, "apps", "exchange", "--listen", (listen ?? new IPEndPoint(IPAddress.Loopback, 0)).ToString(), "--recovery", "127.0.0.1:0", "--feed", feed.ToString(), "--data", folder ?? temporary!,
        ];
        var process = Process.Start(new ProcessStartInfo("dotnet", arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var line = await process.StandardOutput.ReadLineAsync(cancellationToken);
        var match = Listening().Match(line ?? "");
        Assert.True(match.Success, line ?? await process.StandardError.ReadToEndAsync(cancellationToken));
        return new ExchangeProcess(process, IPEndPoint.Parse(match.Groups[1].Value), feed, temporary);
    }

    /// <summary>Types a line into the console and reads what it prints.</summary>
    public async Task<string> SayAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        return await ReadLineAsync();
    }

    /// <summary>Reads a further line that the console prints.</summary>
    public async Task<string> ReadLineAsync() =>
        await _process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) ?? throw new InvalidOperationException("The exchange ended.");

    public void Kill() => _process.Kill();

    /// <summary>Ends it at once, as a power failure would, and waits until it is gone.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
        if (_temporaryFolder is { } folder)
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [GeneratedRegex(@"^Listening on ([\d.]+:\d+),")]
    private static partial Regex Listening();
}
