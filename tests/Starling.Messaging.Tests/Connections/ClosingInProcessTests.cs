using System.Diagnostics.Metrics;
using Starling.Messaging.Diagnostics;
using Starling.Protocol.JsonRpc;

namespace Starling.Messaging.Tests.Connections;

/// <summary>Results of calls that end while a server inside the process closes.</summary>
public sealed class ClosingInProcessTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>
    /// The server counts the request as done, closes, and ends the connection, before the caller's wait has heard of the result: a listener of the metrics holds the
    /// thread that brings the result just there.
    /// </summary>
    [Fact]
    public async Task A_result_that_comes_while_the_server_closes_reaches_its_caller()
    {
        var gate = new TaskCompletionSource<int>();
        using var meters = new OwnMeter();
        using var metrics = new MessagingMetrics(meters);
        var server = new RpcServer(new RpcServices().Add("wait", () => gate.Task), new MessagingOptions { Metrics = metrics });
        var address = "inproc:closing-" + Guid.NewGuid();
        await server.ListenAsync(address, Stop);
        await using var client = await RpcClient.ConnectAsync(address, null, new MessagingOptions { Reconnect = false }, Stop);
        var call = client.InvokeAsync<int>("wait", [], null, Stop);
        var hasClosed = false;
        using var closed = new ManualResetEventSlim();
        using var listener = new MeterListener();
        listener.SetMeasurementEventCallback<long>((instrument, _, _, _) =>
        {
            if (instrument.Name == "starling.messaging.requests" && !hasClosed)
            {
                _ = CloseAsync(server, closed);
                hasClosed = closed.Wait(TimeSpan.FromSeconds(30), Stop);
            }
        });
        listener.InstrumentPublished = (instrument, own) =>
        {
            // Other tests have instruments of the same names.
            if (instrument.Meter == meters.Meter)
            {
                own.EnableMeasurementEvents(instrument);
            }
        };
        listener.Start();
        gate.SetResult(42);
        Assert.True(hasClosed);
        Assert.Equal(42, await call);
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
            var calls = Enumerable.Range(0, 8).Select(_ => Task.Run(() => connection.InvokeAsync<int>("work", [], null, Stop), Stop)).ToArray();
            await server.CloseAsync(Stop);
            var results = await Task.WhenAll(calls.Select(OutcomeAsync));
            Assert.Equal(begun, results.Count(isDone => isDone));
        }
    }

    private static async Task CloseAsync(RpcServer server, ManualResetEventSlim closed)
    {
        await Task.Run(() => server.CloseAsync(Stop), Stop);
        closed.Set();
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

    private sealed class OwnMeter : IMeterFactory
    {
        public Meter? Meter { get; private set; }

        public Meter Create(MeterOptions options) => Meter = new Meter(options);

        public void Dispose() => Meter?.Dispose();
    }
}
