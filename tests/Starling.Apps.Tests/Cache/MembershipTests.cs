using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using Starling.Apps.Cache;
using Starling.Apps.Cache.Links;
using Starling.Messaging;

namespace Starling.Apps.Tests.Cache;

/// <summary>For whom a service works: the test is main.</summary>
public sealed class MembershipTests : IAsyncDisposable
{
    private const string Key = "the key of the test";

    private static readonly string Settings = JsonSerializer.Serialize(new MemberSettings(new FetchLimits(), new StoreLimits()), JsonSerializerOptions.Web);

    private readonly string _folder = Directory.CreateTempSubdirectory("starling-cache-").FullName;
    private readonly CancellationTokenSource _ending = new();
    private readonly Channel<RpcConnection> _connections = Channel.CreateUnbounded<RpcConnection>();
    private readonly RpcServer _main = new(new RpcServices());
    private Task _service = Task.CompletedTask;

    [Theory]
    [InlineData("fetch")]
    [InlineData("cache")]
    public async Task A_service_works_for_a_main_that_has_proved_itself_on_the_same_connection(string role)
    {
        await StartAsync(role);
        var first = await ConnectionAsync();
        await AssertIdleAsync(role, first);
        var handshake = await IntroducedAsync(first);
        await Member(first).JoinAsync(Settings, handshake.OfMain(Settings), TestContext.Current.CancellationToken);
        await UseAsync(role, first);

        // Who takes main's place knows what main said, and no key.
        first.Abort();
        var second = await ConnectionAsync();
        await AssertIdleAsync(role, second);
        await AssertRefusedAsync(second, Settings, handshake.OfMain(Settings));
        await IntroducedAsync(second);
        await AssertRefusedAsync(second, Settings, handshake.OfMain(Settings));
        await AssertIdleAsync(role, second);

        handshake = await IntroducedAsync(second);
        await Member(second).JoinAsync(Settings, handshake.OfMain(Settings), TestContext.Current.CancellationToken);
        await UseAsync(role, second);
    }

    [Theory]
    [InlineData("no proof")]
    [InlineData("the service's own proof")]
    [InlineData("another key")]
    [InlineData("another nonce")]
    [InlineData("another name")]
    [InlineData("other settings")]
    public async Task A_proof_that_is_not_mains_for_these_settings_is_refused(string proof)
    {
        await StartAsync("fetch");
        var connection = await ConnectionAsync();
        var nonce = Handshake.Nonce();
        var introduction = await Member(connection).IntroduceAsync(nonce, TestContext.Current.CancellationToken);
        var key = new MemberKey(Key);
        var other = Settings.Replace("\"allowPrivate\":false", "\"allowPrivate\":true", StringComparison.Ordinal);
        Assert.NotEqual(Settings, other);
        await AssertRefusedAsync(connection, proof == "other settings" ? other : Settings, proof switch
        {
            "the service's own proof" => introduction.Proof,
            "another key" => new Handshake(new MemberKey("the key of another"), nonce, introduction).OfMain(Settings),
            "another nonce" => new Handshake(key, Handshake.Nonce(), introduction).OfMain(Settings),
            "another name" => new Handshake(key, nonce, introduction with { Name = "other" }).OfMain(Settings),
            "other settings" => new Handshake(key, nonce, introduction).OfMain(Settings),
            _ => "",
        });

        // Nor does the right one help after a wrong one.
        await AssertRefusedAsync(connection, Settings, new Handshake(key, nonce, introduction).OfMain(Settings));
        await AssertIdleAsync("fetch", connection);
    }

    [Fact]
    public async Task A_service_says_soon_that_main_is_not_there()
    {
        using var log = new LogLines();
        var address = await FreeAddressAsync();
        _service = CacheService.RunAsync("fetch", "fetch", address, _folder, Key, false, log, _ending.Token);
        await log.WaitForAsync($"Main at {address} is not there; it is looked for until it is");
    }

    [Theory]
    [InlineData("foo", "tcp://127.0.0.1:7300", Key, null, "There is no service 'foo'; there are cache and fetch.")]
    [InlineData("fetch", "nowhere", Key, null, "'nowhere' is no address of main")]
    [InlineData("fetch", "tcp://127.0.0.1:7300", null, null, "On TCP a service must know the key of main: set STARLING_CACHE_KEY to it.")]
    [InlineData("fetch", "tcp://127.0.0.1:7300", "", null, "is empty: it must have at least 16 characters. Make one with: openssl rand -hex 32")]
    [InlineData("fetch", "tcp://127.0.0.1:7300", "fifteen letters", null, "is too short: it must have at least 16 characters.")]
    [InlineData("fetch", "tcp://127.0.0.1:7300", Key, "a\u001bb", "none of them a control character")]
    public async Task What_is_wrong_with_a_service_is_said_before_it_begins(string role, string address, string? key, string? name, string problem)
    {
        // Not awaited: whoever starts it may announce it as soon as this has returned.
        var error = Assert.Throws<FormatException>(() => { _ = CacheService.RunAsync(role, name, address, _folder, key, false, NullLoggerFactory.Instance, _ending.Token); });
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        if (key is { Length: < 16 })
        {
            error = await Assert.ThrowsAsync<FormatException>(() => RunningCache.StartAsync(options => options with { Run = RunMode.Tcp, Key = key }));
            Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _service;
        await _main.DisposeAsync();
        _ending.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static IMember Member(RpcConnection connection) => connection.GetService<IMember>();

    private static async Task<Handshake> IntroducedAsync(RpcConnection connection)
    {
        var nonce = Handshake.Nonce();
        var introduction = await Member(connection).IntroduceAsync(nonce, TestContext.Current.CancellationToken);
        var handshake = new Handshake(new MemberKey(Key), nonce, introduction);
        Assert.Equal(handshake.OfService(), introduction.Proof);
        return handshake;
    }

    private static async Task AssertRefusedAsync(RpcConnection connection, string settings, string proof) => AssertCode(
        CacheError.NotJoined,
        await Assert.ThrowsAsync<RpcException>(() => Member(connection).JoinAsync(settings, proof, TestContext.Current.CancellationToken)));

    private static async Task AssertIdleAsync(string role, RpcConnection connection) =>
        AssertCode(CacheError.NotJoined, await Assert.ThrowsAsync<RpcException>(() => AskAsync(role, connection)));

    private static async Task UseAsync(string role, RpcConnection connection)
    {
        // The fetch service answers that it may not fetch this, so it works.
        if (await Record.ExceptionAsync(() => AskAsync(role, connection)) is { } error)
        {
            AssertCode(CacheError.PrivateAddress, Assert.IsType<RpcException>(error));
        }
    }

    private static Task AskAsync(string role, RpcConnection connection) => role == "fetch"
        ? connection.GetService<IFetcher>().FetchAsync("http://127.0.0.1/", TestContext.Current.CancellationToken)
        : connection.GetService<IEntries>().ClearAsync(TestContext.Current.CancellationToken);

    private static void AssertCode(CacheError expected, RpcException error) => Assert.Equal((int)expected, error.Code);

    private static async Task<string> FreeAddressAsync()
    {
        await using var server = new RpcServer(new RpcServices());
        return (await server.ListenAsync("tcp://127.0.0.1:0", TestContext.Current.CancellationToken)).ToString();
    }

    private async Task StartAsync(string role)
    {
        _main.Peers.Registered += connection => _connections.Writer.TryWrite(connection);
        var address = await _main.ListenAsync("tcp://127.0.0.1:0", TestContext.Current.CancellationToken);
        _service = CacheService.RunAsync(role, role, address.ToString(), _folder, Key, false, NullLoggerFactory.Instance, _ending.Token);
    }

    private async Task<RpcConnection> ConnectionAsync() =>
        await _connections.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(60));
}
