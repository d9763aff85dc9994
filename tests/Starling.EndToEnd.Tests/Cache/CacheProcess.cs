using System.Diagnostics;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Starling.EndToEnd.Tests.Hosts;

namespace Starling.EndToEnd.Tests.Cache;

/// <summary><c>starling apps cache</c> as a process, used over HTTP. Ended, with its folder, when the test is over.</summary>
internal sealed partial class CacheProcess : IAsyncDisposable
{
    private readonly string[] _arguments;
    private readonly string _folder;
    private Process _process;

    private CacheProcess(Process process, string folder, string[] arguments) => (_process, _folder, _arguments) = (process, folder, arguments);

    public HttpClient Client { get; } = new();

    public int Id => _process.Id;

    public static async Task<CacheProcess> StartAsync(string run, params string[] arguments)
    {
        var folder = Directory.CreateTempSubdirectory("starling-cache-").FullName;
        string[] all = ["--run", run, "--data", folder, "--allow-private", .. arguments];
        var process = Run(all, "127.0.0.1:0");
        var cache = new CacheProcess(process, folder, all);
        try
        {
            cache.Client.BaseAddress = new Uri(await AddressAsync(process));
            await cache.WaitForAsync(services => services.All(service => service.State == "ready"));
            return cache;
        }
        catch
        {
            await cache.DisposeAsync();
            throw;
        }
    }

    /// <summary>Asks for a resource to be kept.</summary>
    /// <returns>The number of its entry, or the error.</returns>
    public async Task<(long? Number, string? Error)> GrabAsync(string url)
    {
        using var answer = await Client.PostAsync($"?command=grab&options={Uri.EscapeDataString(url)}", null, TestContext.Current.CancellationToken);
        var json = JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return answer.IsSuccessStatusCode ? (json.GetProperty("number").GetInt64(), null) : (null, json.GetProperty("error").GetString());
    }

    /// <summary>The text of an entry, or null when the answer is an error or breaks off.</summary>
    public async Task<string?> TextAsync(long number)
    {
        try
        {
            using var answer = await Client.GetAsync($"?command=get&options={number}", TestContext.Current.CancellationToken);
            return answer.StatusCode == HttpStatusCode.OK ? await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken) : null;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    public async Task<IReadOnlyList<RunningService>> ServicesAsync()
    {
        var json = JsonSerializer.Deserialize<JsonElement>(await Client.GetStringAsync("?command=stats", TestContext.Current.CancellationToken));
        return json.GetProperty("services").Deserialize<RunningService[]>(JsonSerializerOptions.Web)!;
    }

    /// <summary>Waits until the services are as wanted.</summary>
    public async Task<IReadOnlyList<RunningService>> WaitForAsync(Func<IReadOnlyList<RunningService>, bool> isWanted)
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            var services = await ServicesAsync();
            if (isWanted(services))
            {
                return services;
            }

            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(60), string.Join("; ", services));
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Kills the process of a service and waits until another has taken its place.</summary>
    public async Task KillServiceAsync(string role)
    {
        var before = (await WaitForAsync(services => services.All(service => service.State == "ready"))).Single(service => service.Role == role);
        using (var process = Process.GetProcessById(before.ProcessId()))
        {
            process.Kill();
        }

        await WaitForAsync(services => services.Any(service => service.Role == role && service.State == "ready" && service.ProcessId() != before.ProcessId()));
    }

    public void Kill() => _process.Kill();

    /// <summary>Kills main, and starts it again over the same folder and at the same address.</summary>
    public async Task KillAndStartAgainAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = Run(_arguments, Client.BaseAddress!.Authority);
        await AddressAsync(_process);
    }

    /// <summary>Waits for the end and returns the exit code.</summary>
    public async Task<int> WaitForEndAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(60));
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (!_process.HasExited)
        {
            // The end of its input is the end of its console only; a stop ends it with its services.
            await _process.StandardInput.WriteLineAsync("stop");
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            await _process.WaitForExitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!_process.HasExited)
            {
                _process.Kill();
                await _process.WaitForExitAsync();
            }
        }

        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static Process Run(string[] arguments, string http) => Process.Start(
        new ProcessStartInfo("dotnet", [Repository.Host, "apps", "cache", "--http", http, .. arguments]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;

    private static async Task<string> AddressAsync(Process process)
    {
        var line = await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        var match = Http().Match(line ?? "");
        Assert.True(match.Success, line);
        return match.Groups[1].Value;
    }

    [GeneratedRegex(@"HTTP at (http://\S+?/)\.")]
    private static partial Regex Http();
}
