using Starling.Protocol.JsonRpc;

namespace Starling.Messaging.Tests.Connections;

/// <summary>Results of calls that end while a server inside the process closes.</summary>
public sealed class ClosingInProcessTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_result_that_comes_while_the_server_closes_reaches_its_caller()
    {
        for (var round = 0; round < 3_000; round++)
        {
            var gate = new TaskCompletionSource<int>();
            var services = new RpcServices().Add("wait", () => gate.Task);
            var server = new RpcServer(services);
            var address = "inproc:closing-" + Guid.NewGuid();
            await server.ListenAsync(address, Stop);
            await using var client = await RpcClient.ConnectAsync(address, null, new MessagingOptions { Reconnect = false }, Stop);
            Task<int>[] calls = [.. Enumerable.Range(0, 4).Select(_ => client.InvokeAsync<int>("wait", [], null, Stop))];
            var closing = server.CloseAsync(Stop);
            gate.SetResult(round);
            Assert.All(await Task.WhenAll(calls), result => Assert.Equal(round, result));
            await closing;
        }
    }

    [Fact]
    public async Task A_call_is_either_carried_out_or_refused_before_it_begins_while_the_server_closes()
    {
        for (var round = 0; round < 500; round++)
        {
            var begun = 0;
            var services = new RpcServices().Add("work", async () =>
            {
                Interlocked.Increment(ref begun);
                await Task.Yield();
                return 1;
            });
            var server = new RpcServer(services);
            var address = "inproc:closing-" + Guid.NewGuid();
            await server.ListenAsync(address, Stop);
            await using var client = await RpcClient.ConnectAsync(address, null, new MessagingOptions { Reconnect = false }, Stop);
            var connection = client.Connection!;
            var calls = Enumerable.Range(0, 8).Select(_ => Task.Run(() => connection.InvokeAsync<int>("work", [], null, Stop))).ToArray();
            await server.CloseAsync(Stop);
            var results = await Task.WhenAll(calls.Select(OutcomeAsync));
            Assert.Equal(begun, results.Count(isDone => isDone));
        }
    }

    private static async Task<bool> OutcomeAsync(Task<int> call)
    {
        try
        {
            return await call == 1;
        }
        catch (RpcException e) when (e.Code == RpcErrorCodes.Closing)
        {
            return false;
        }
        catch (ConnectionLostException)
        {
            return false;
        }
    }
}
