using System.Text.RegularExpressions;
using Starling.Apps.Tests.Cache;
using Starling.EndToEnd.Tests.Terminals;

namespace Starling.EndToEnd.Tests.Cache;

public sealed partial class CacheByHandTests : IDisposable
{
    private static readonly Dictionary<string, string> Key = new() { ["STARLING_CACHE_KEY"] = "the key of the test" };

    private readonly string _folder = Directory.CreateTempSubdirectory("starling-cache-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Services_that_were_started_by_hand_join_main_and_join_it_again_when_it_was_away()
    {
        await using var source = await CacheSource.StartAsync();
        await using var first = await MainAsync("tcp://127.0.0.1:0");
        var address = Address().Match(await first.ScreenAsync()).Value;
        await using var fetch = await ServiceAsync("fetch", address);
        await using var cache = await ServiceAsync("cache", address);
        await UseAsync(first, source, 1);
        await first.TypeLineAsync("stop");
        Assert.Equal(0, await first.WaitForEndAsync());
        await using var main = await MainAsync(address);
        await UseAsync(main, source, 2);
        await main.TypeLineAsync("list");
        await main.WaitForAsync($"{source.Url}/text/1");
        await fetch.PressAsync("C-c");
        Assert.Equal(0, await fetch.WaitForEndAsync());
        await main.TypeLineAsync("stop");
        Assert.Equal(0, await main.WaitForEndAsync());
    }

    [Theory]
    [InlineData("--service fetch", "A service must know where main is: --connect")]
    [InlineData("--service foo --connect tcp://127.0.0.1:7300", "There is no service 'foo'; there are cache and fetch.")]
    [InlineData("--service fetch --connect nowhere", "'nowhere' is no address of main")]
    [InlineData("--service fetch --connect tcp://127.0.0.1:7300 --ttl 1h", "--ttl is for main, not for a service")]
    [InlineData("--connect tcp://127.0.0.1:7300", "--connect needs --service cache or --service fetch.")]
    [InlineData("--name mine", "--name needs --service cache or --service fetch.")]
    [InlineData("--listen tcp://127.0.0.1:0", "--listen needs --run tcp or --run processes")]
    public async Task Options_that_do_not_fit_are_refused_before_anything_begins(string options, string problem)
    {
        await using var terminal = await Terminal.StarlingAsync(["apps", "cache", .. options.Split(' ')], Key, width: 160);
        Assert.Equal(1, await terminal.WaitForEndAsync());
        var screen = await terminal.ScreenAsync();
        Assert.Contains(problem, screen, StringComparison.Ordinal);
        Assert.DoesNotContain("(Parameter", screen, StringComparison.Ordinal);
        Assert.DoesNotContain("Ctrl-C ends it", screen, StringComparison.Ordinal);
    }

    private static async Task UseAsync(Terminal main, CacheSource source, int number)
    {
        await main.TypeLineAsync($"grab {source.Url}/text/{number}");
        await main.WaitForAsync($"   {number}        9 B  text/plain", TimeSpan.FromSeconds(60));
    }

    private async Task<Terminal> MainAsync(string address)
    {
        var main = await Terminal.StarlingAsync(
            ["apps", "cache", "--run", "tcp", "--listen", address, "--start", "none", "--data", Path.Combine(_folder, "main"), "--allow-private"], Key, width: 160);
        await main.WaitForAsync("Type help for the commands.");
        return main;
    }

    private async Task<Terminal> ServiceAsync(string role, string address)
    {
        var service = await Terminal.StarlingAsync(["apps", "cache", "--service", role, "--connect", address, "--data", Path.Combine(_folder, role)], Key);
        await service.WaitForAsync($"{role} serves {address}");
        return service;
    }

    [GeneratedRegex(@"tcp://127\.0\.0\.1:\d+")]
    private static partial Regex Address();
}
