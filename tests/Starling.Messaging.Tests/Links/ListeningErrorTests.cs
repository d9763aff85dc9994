using System.Net.Sockets;

namespace Starling.Messaging.Tests.Links;

/// <summary>What cannot be listened on is named, with the reason.</summary>
public sealed class ListeningErrorTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_host_that_does_not_exist_is_named()
    {
        var failure = await Assert.ThrowsAsync<IOException>(() => StartAsync("tcp://nowhere.invalid:0"));
        Assert.Contains("tcp://nowhere.invalid:0 cannot be listened on", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_does_not_exist_is_named()
    {
        var failure = await Assert.ThrowsAsync<IOException>(() => StartAsync("unix:///no-such-folder/s"));
        Assert.Contains("the folder /no-such-folder does not exist", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_in_which_nothing_can_be_made_is_named()
    {
        // Not even root may create files there.
        var failure = await Assert.ThrowsAsync<IOException>(() => StartAsync("unix:///proc/self/s"));
        Assert.Contains("unix:///proc/self/s cannot be listened on", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_addresses_of_both_families_are_one_address()
    {
        await using var server = new RpcServer(new RpcServices().Add("one", () => 1));
        var address = await server.ListenAsync("tcp://[::]:0", Stop);
        foreach (var host in new[] { "127.0.0.1", "[::1]", "localhost" })
        {
            await using var client = await RpcClient.ConnectAsync($"tcp://{host}:{address.Port}", cancellationToken: Stop);
            Assert.Equal(1, await client.InvokeAsync<int>("one", [], null, Stop));
        }
    }

    [Fact]
    public async Task Of_many_that_start_at_once_after_a_kill_one_gets_the_socket()
    {
        var folder = Directory.CreateTempSubdirectory("starling-start");
        var address = "unix://" + Path.Combine(folder.FullName, "s");
        for (var round = 0; round < 5; round++)
        {
            LeaveStale(address["unix://".Length..]);
            var starts = await Task.WhenAll(Enumerable.Range(0, 8).Select(number => Task.Run(async () =>
            {
                try
                {
                    return await RpcServer.StartAsync(address, new RpcServices().Add("who", () => number), null, Stop);
                }
                catch (IOException e)
                {
                    Assert.Contains("Another process is listening", e.Message, StringComparison.Ordinal);
                    return null;
                }
            })));
            await using var server = Assert.Single(starts, start => start is not null);
            await using var client = await RpcClient.ConnectAsync(address, cancellationToken: Stop);
            Assert.Equal(Array.IndexOf(starts, server), await client.InvokeAsync<int>("who", [], null, Stop));
        }

        folder.Delete(recursive: true);
    }

    /// <summary>A socket on which nobody listens, as a killed process leaves it: the runtime removes only the name that it knows.</summary>
    private static void LeaveStale(string path)
    {
        using var left = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        left.Bind(new UnixDomainSocketEndPoint(path + ".moved"));
        File.Move(path + ".moved", path, overwrite: true);
    }

    private static Task<RpcServer> StartAsync(string address) => RpcServer.StartAsync(address, new RpcServices(), null, Stop);
}
