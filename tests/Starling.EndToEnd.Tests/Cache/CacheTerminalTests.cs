using Starling.Apps.Tests.Cache;
using Starling.EndToEnd.Tests.Hosts;
using Starling.EndToEnd.Tests.Terminals;

namespace Starling.EndToEnd.Tests.Cache;

public sealed class CacheTerminalTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("starling-cache-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("threads")]
    [InlineData("processes")]
    [InlineData("tcp")]
    public async Task Every_command_works_however_the_services_run(string run)
    {
        await using var source = await CacheSource.StartAsync();
        await using var terminal = await StartAsync("--run", run, "--allow-private");
        await terminal.TypeLineAsync("help");
        await terminal.WaitForAsync("end everything");
        await terminal.TypeLineAsync("list");
        await terminal.WaitForAsync("The cache is empty");
        await terminal.TypeLineAsync($"grab {source.Url}/text/first");
        await terminal.WaitForAsync($"   1       13 B  text/plain; charset=utf-8  {source.Url}/text/first");
        await terminal.TypeLineAsync($"grab {source.Url}/text/first");
        await terminal.WaitForAsync("(kept already)");
        await terminal.TypeLineAsync($"grab {source.Url}/bytes/200000 &");
        await terminal.WaitForAsync($"   2   200.0 KB  application/octet-stream  {source.Url}/bytes/200000");
        await terminal.TypeLineAsync("get 1");
        var screen = await terminal.WaitForAsync("text of first");
        Assert.Contains("HTTP/1.1 200 OK", screen, StringComparison.Ordinal);
        await terminal.TypeLineAsync("get 2");
        await terminal.WaitForAsync("(200000 bytes that are no text; get 2 > FILE writes them to a file)");
        var file = Path.Combine(_folder, "a body");
        await terminal.TypeLineAsync($"get 2 > {file}");
        await terminal.WaitForAsync("200000 bytes written to");
        Assert.Equal(200_000, new FileInfo(file).Length);
        await terminal.TypeLineAsync("delete 1");
        await terminal.WaitForAsync("deleted 1");
        await terminal.TypeLineAsync("delete 1");
        await terminal.WaitForAsync("error: There is no entry 1");
        await terminal.TypeLineAsync("lst");
        await terminal.WaitForAsync("is 'list' meant?");
        await terminal.TypeLineAsync("stats");
        screen = await terminal.WaitForAsync("entries 1, 200000 bytes");
        Assert.Contains("hits 4, misses 2", screen, StringComparison.Ordinal);
        Assert.Matches($"fetch +ready +{(run == "threads" ? "thread fetch" : "process [0-9]+")} +restarts 0", screen);
        await terminal.TypeLineAsync("delete");
        await terminal.WaitForAsync("deleted all: 1");
        await terminal.TypeLineAsync($"grab {source.Url}/text/second");
        await terminal.WaitForAsync($"   3       14 B  text/plain; charset=utf-8  {source.Url}/text/second");
        await terminal.TypeLineAsync("stop");
        Assert.Equal(0, await terminal.WaitForEndAsync());
    }

    [Theory]
    [InlineData("threads")]
    [InlineData("processes")]
    public async Task What_must_not_be_fetched_is_refused_with_the_reason(string run)
    {
        await using var source = await CacheSource.StartAsync();
        await using var terminal = await StartAsync("--run", run, "--allow-private", "--max-size", "5M", "--timeout", "4s", "--max-redirects", "2");
        await terminal.TypeLineAsync($"grab {source.Url}/circle");
        await terminal.WaitForAsync("error: The redirects go in a circle");
        await terminal.TypeLineAsync($"grab {source.Url}/hops/3");
        await terminal.WaitForAsync("leads on more than 2 times (--max-redirects)");
        await terminal.TypeLineAsync($"grab {source.Url}/megabytes/6");
        await terminal.WaitForAsync("is larger than 5242880 bytes (--max-size)");
        await terminal.TypeLineAsync($"grab {source.Url}/unmeasured/7");
        await terminal.WaitForAsync(screen => screen.Split("(--max-size)").Length == 3, "a second refusal of what is too large");
        await terminal.TypeLineAsync($"grab {source.Url}/silent");
        await terminal.WaitForAsync("sent nothing for 4 s (--timeout)");
        await terminal.TypeLineAsync($"grab {source.Url}/stalled");
        await terminal.WaitForAsync(screen => screen.Split("(--timeout)").Length == 3, "a second time-out");
        await terminal.TypeLineAsync("grab nonsense");
        await terminal.WaitForAsync("'nonsense' is no address of a source");
        await terminal.TypeLineAsync("stats");
        await terminal.WaitForAsync("entries 0, 0 bytes");
        await terminal.TypeLineAsync("stop");
        Assert.Equal(0, await terminal.WaitForEndAsync());
    }

    [Fact]
    public async Task A_private_source_is_refused_unless_it_is_allowed()
    {
        await using var source = await CacheSource.StartAsync();
        await using var terminal = await StartAsync("--run", "processes");
        await terminal.TypeLineAsync($"grab http://localhost:{source.Port}/text/a");
        await terminal.WaitForAsync("which is not public; such sources are fetched with --allow-private only");
        Assert.Equal(0, source.Asked("/text/a"));
        await terminal.PressAsync("C-c");
        Assert.Equal(0, await terminal.WaitForEndAsync());
    }

    [Fact]
    public async Task A_page_cannot_write_to_the_terminal_what_it_obeys()
    {
        await using var source = await CacheSource.StartAsync();
        await using var terminal = await StartAsync("--allow-private");
        await terminal.TypeLineAsync($"grab {source.Url}/page");
        await terminal.WaitForAsync("text/html");
        await terminal.TypeLineAsync("get 1");
        await terminal.WaitForAsync("]0;owned");
    }

    [Fact]
    public async Task A_source_over_https_is_fetched_when_its_authority_is_trusted()
    {
        var authority = Path.Combine(_folder, "authority.pem");
        using var certificate = TestAuthority.Issue("localhost", authority);
        await using var source = await CacheSource.StartAsync(certificate);
        await using (var stranger = await StartAsync("--allow-private"))
        {
            await stranger.TypeLineAsync($"grab https://localhost:{source.Port}/text/a");
            await stranger.WaitForAsync("error: There is no trust in localhost");
            await stranger.TypeLineAsync("stop");
            Assert.Equal(0, await stranger.WaitForEndAsync());
        }

        var environment = new Dictionary<string, string> { ["SSL_CERT_FILE"] = authority };
        await using var terminal = await Terminal.StarlingAsync(["apps", "cache", "--data", Path.Combine(_folder, "data"), "--allow-private"], environment, width: 160);
        await terminal.WaitForAsync("Type help for the commands.");
        await terminal.TypeLineAsync($"grab https://localhost:{source.Port}/text/a");
        await terminal.WaitForAsync("   1        9 B  text/plain");
    }

    [Fact]
    public async Task Ctrl_D_ends_the_cache()
    {
        await using var terminal = await StartAsync("--run", "processes", "--memory-threshold", "64K");
        await terminal.PressAsync("C-d");
        Assert.Equal(0, await terminal.WaitForEndAsync());
    }

    [Fact]
    public async Task Ctrl_D_that_comes_before_the_console_reads_ends_the_cache_too()
    {
        await using var terminal = await Terminal.StarlingAsync(["apps", "cache", "--data", Path.Combine(_folder, "data"), "--run", "processes"], width: 160);
        await terminal.PressAsync("C-d");
        Assert.Equal(0, await terminal.WaitForEndAsync());
    }

    [Fact]
    public async Task A_second_cache_with_the_same_folder_is_refused()
    {
        await using var terminal = await StartAsync();
        var (code, _, error) = await HostProcess.RunAsync(["apps", "cache", "--data", Path.Combine(_folder, "data")], TestContext.Current.CancellationToken);
        Assert.Equal(1, code);
        Assert.Contains("another cache may use it", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_of_other_programs_do_not_open_doors()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The test uses env, which Windows does not have.");
        var (code, output, error) = await HostProcess.RunAsync(
            ["apps", "cache", "--data", _folder, "--http", "127.0.0.1:0"],
            TestContext.Current.CancellationToken,
            "stop\n",
            ["env", "Kestrel__Endpoints__Other__Url=http://127.0.0.1:0"]);
        Assert.True(code == 0, output + error);
        Assert.Contains("HTTP at http://127.0.0.1:", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_folder_is_no_name_of_one()
    {
        var (code, output, error) = await HostProcess.RunAsync(["apps", "cache", "--data", ""], TestContext.Current.CancellationToken);
        Assert.Equal(1, code);
        Assert.Contains("--data '' should be a folder.", output + error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--max-size", "many", "a number of bytes, such as 1048576, 500M or 2G")]
    [InlineData("--max-bytes", "99999999999G", "a number of bytes")]
    [InlineData("--timeout", "2d", "a time of at most 24 hours")]
    [InlineData("--max-entries", "0", "a whole number of at least 1")]
    [InlineData("--http", "here", "--http 'here' should be an address and a port")]
    [InlineData("--run", "forks", "--run 'forks' should be threads, processes or tcp.")]
    [InlineData("--memory-threshold", "2G", "--memory-threshold '2G' should be a number of bytes from 0 to 1073741824")]
    [InlineData("--max-redirects", "9999999999", "at most 2147483647")]
    [InlineData("--start", "all", "should be both, cache, fetch or none")]
    [InlineData("--listen", "tcp://127.0.0.1:0", "does not fit", "--run", "processes")]
    public async Task An_option_that_cannot_be_is_refused_with_what_it_should_be(string name, string value, string expected, params string[] others)
    {
        string[] arguments = ["apps", "cache", "--data", _folder, name, value, .. others];
        var (code, output, error) = await HostProcess.RunAsync(arguments, TestContext.Current.CancellationToken);
        Assert.Equal(1, code);
        Assert.Contains(expected, output + error, StringComparison.Ordinal);
    }

    private async Task<Terminal> StartAsync(params string[] arguments)
    {
        var terminal = await Terminal.StarlingAsync(["apps", "cache", "--data", Path.Combine(_folder, "data"), .. arguments], width: 160);
        await terminal.WaitForAsync("Type help for the commands.");
        return terminal;
    }
}
