using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Starling.Worker.TestApp;

namespace Starling.Cluster.Tests.Processes;

/// <summary>The test application as a process of a cluster, with a port of its own.</summary>
internal sealed partial class ClusterProcess : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HttpClient _http = new() { Timeout = Limit };

    private ClusterProcess(TestFolder folder, string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Starling.Worker.TestApp.dll"), "--urls", "http://127.0.0.1:0", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["STARLING_CLUSTER"] = folder.Path },
        };
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Take(line.Data);
        _process.ErrorDataReceived += (_, line) => Take(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public Uri Address => _http.BaseAddress!;

    public string Node { get; private set; } = "";

    public string Log => string.Join('\n', _output);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<ClusterProcess> StartAsync(TestFolder folder, params string[] arguments)
    {
        var process = new ClusterProcess(folder, arguments);
        try
        {
            process._http.BaseAddress = await process._listening.Task.WaitAsync(Limit, Token);
            process.Node = await process.GetAsync("/node");
            return process;
        }
        catch (TimeoutException)
        {
            await process.DisposeAsync();
            throw new TimeoutException("The application does not listen: " + process.Log);
        }
    }

    public Task<string> GetAsync(string path) => _http.GetStringAsync(path, Token);

    public async Task PostAsync(string path)
    {
        using var response = await _http.PostAsync(path, content: null, Token);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>Publishes numbered messages.</summary>
    public Task PublishAsync(int from, int count, int bytes) => PostAsync($"/numbers?from={from}&count={count}&bytes={bytes}");

    /// <summary>What came of the numbered messages of another process.</summary>
    public async Task<NumberCount> NumbersOfAsync(ClusterProcess other) =>
        (await _http.GetFromJsonAsync<Dictionary<string, NumberCount>>("/numbers", Token))!.GetValueOrDefault(other.Node, new NumberCount(0, -1, 0));

    public async Task UntilNumbersAsync(ClusterProcess other, int last) =>
        await UntilAsync(async () => (await NumbersOfAsync(other)).Last >= last, $"message {last} has come; the newest is {(await NumbersOfAsync(other)).Last}");

    public Task UntilPeersAsync(int count) => UntilAsync(async () => await GetAsync("/peers") == count.ToString((IFormatProvider?)null), $"{count} peers");

    public async Task SignalAsync(string name)
    {
        using var kill = Process.Start("kill", ["-" + name, _process.Id.ToString((IFormatProvider?)null)]);
        await kill.WaitForExitAsync(Token);
        Assert.Equal(0, kill.ExitCode);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        _http.Dispose();
    }

    private static async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Limit, "It did not come to this: " + what);
            await Task.Delay(20, Token);
        }
    }

    private void Take(string? line)
    {
        if (line is null)
        {
            return;
        }

        _output.Enqueue(line);
        if (Listening().Match(line) is { Success: true } match)
        {
            _listening.TrySetResult(new Uri(match.Groups[1].Value));
        }
    }

    [GeneratedRegex(@"Now listening on: (http://\S+)")]
    private static partial Regex Listening();
}
